package functions

import (
	"github.com/waterbear-sql/waterbear/internal/types"
)

// colorFunctions draw in a terminal of 256 colors. A color lies in DuckDB as its text: a name, or #rrggbb.
var colorFunctions = []Function{
	{Signature: "color(varchar(x))", Returns: "color", SQL: "wb_color($1)",
		Doc:      "The color with a name, black to white, or with three hexadecimal digits after a number sign.",
		Examples: [][2]string{{"render('x', color('red'))", "\x1b[38;5;1mx\x1b[0m"}}},
	{Signature: "color(double, color, color)", Returns: "color", SQL: "wb_color_between($1, $2, $3)",
		Doc:      "The color at a fraction of the way between two colors.",
		Examples: [][2]string{{"color(0.5e0, rgb(255, 0, 0), rgb(0, 0, 255)) = rgb(0, 255, 0)", "true"}}},
	{Signature: "color(double, double, double, color, color)", Returns: "color", SQL: "wb_color_between(($1 - $2) / ($3 - $2), $4, $5)",
		Doc:      "The color of a value between a lowest and a highest one, which have the given colors.",
		Examples: [][2]string{{"color(5, 0, 10, rgb(255, 0, 0), rgb(0, 0, 255)) = rgb(0, 255, 0)", "true"}}},
	{Signature: "rgb(bigint, bigint, bigint)", Returns: "color", SQL: "wb_rgb($1, $2, $3)",
		Doc: "The color with the given parts of red, green and blue, from 0 to 255.", Examples: [][2]string{{"rgb(255, 0, 0) = color('#f00')", "true"}}},
	{Signature: "render(varchar(x), color)", Result: rendered, SQL: "wb_render($1, $2)",
		Doc:      "A text with the escape sequences that show it in a color.",
		Examples: [][2]string{{"render('x', color('#f00'))", "\x1b[38;5;196mx\x1b[0m"}}},
	{Signature: "render(bigint, color)", Returns: "varchar(35)", SQL: "wb_render(CAST($1 AS VARCHAR), $2)",
		Doc:      "An integer with the escape sequences that show it in a color.",
		Examples: [][2]string{{"render(5, color('#f00'))", "\x1b[38;5;196m5\x1b[0m"}}},
	{Signature: "render(double, color)", Returns: "varchar(41)", SQL: "wb_render_double($1, $2)",
		Doc:      "A number with the escape sequences that show it in a color.",
		Examples: [][2]string{{"render(1.5e0, color('#0f0'))", "\x1b[38;5;46m1.5\x1b[0m"}}},
	{Signature: "render(boolean)", Returns: "varchar(16)", SQL: "CASE WHEN $1 THEN wb_render('✓', 'green') WHEN NOT $1 THEN wb_render('✗', 'red') END",
		Doc:      "A green check mark or a red cross.",
		Examples: [][2]string{{"render(true)", "\x1b[38;5;2m✓\x1b[0m"}, {"render(false)", "\x1b[38;5;1m✗\x1b[0m"}}},
	{Signature: "bar(double, bigint)", Returns: "varchar", SQL: "wb_bar($1, $2, '#ff0000', '#00ff00')",
		Doc:      "A bar from red to green, as long as a fraction of the width.",
		Examples: [][2]string{{"bar(0.7e0, 3)", "\x1b[38;5;196m█\x1b[38;5;226m█\x1b[0m "}}},
	{Signature: "bar(double, bigint, color, color)", Returns: "varchar", SQL: "wb_bar($1, $2, $3, $4)",
		Doc:      "A bar between two colors, as long as a fraction of the width.",
		Examples: [][2]string{{"bar(0.7e0, 3, rgb(255, 0, 0), rgb(0, 0, 255))", "\x1b[38;5;196m█\x1b[38;5;46m█\x1b[0m "}}},
}

// rendered is a text with its escape sequences.
func rendered(b Binding) (types.Type, error) {
	const escapes = 15
	n := b.Nums["x"]
	if n > types.UnboundedLength-escapes {
		return types.Of(types.Varchar), nil
	}
	return types.VarcharN(n + escapes), nil
}
