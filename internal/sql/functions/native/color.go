package native

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/functions/native/formatter"
)

// colorFunctions are the functions over colors, which are the name of one of a terminal's eight colors, or #rrggbb.
var colorFunctions = []Function{
	{"wb_color", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		text := a[0].(string)
		if name := strings.ToLower(text); slices.Contains(terminalColors, name) {
			return name, nil
		}
		if c, ok := parseColor(text); ok && len(text) == len("#rgb") {
			return c.String(), nil
		}
		return nil, invalidArgument("Invalid color: '%s'", text)
	}},
	{"wb_rgb", params("BIGINT", "BIGINT", "BIGINT"), "VARCHAR", func(a []any) (any, error) {
		var c rgb
		for i, name := range []string{"red", "green", "blue"} {
			v := a[i].(int64)
			if v < 0 || v > 255 {
				return nil, invalidArgument("%s must be between 0 and 255", name)
			}
			c[i] = uint8(v)
		}
		return c.String(), nil
	}},
	// Fraction, color for 0, color for 1.
	{"wb_color_between", params("DOUBLE", "VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		var ends [2]rgb
		for i, name := range []string{"lowColor", "highColor"} {
			var ok bool
			if ends[i], ok = parseColor(a[i+1].(string)); !ok {
				return nil, invalidArgument("%s not a valid RGB color", name)
			}
		}
		return between(float32(a[0].(float64)), ends[0], ends[1]).String(), nil
	}},
	// Text, color.
	{"wb_render", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return escapeColor(a[1].(string)) + a[0].(string) + resetColor, nil
	}},
	{"wb_render_double", params("DOUBLE", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return escapeColor(a[1].(string)) + formatter.Text(a[0].(float64)) + resetColor, nil
	}},
	// Fraction, width, color of the left end, color of the right end.
	{"wb_bar", params("DOUBLE", "BIGINT", "VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return bar(a[0].(float64), a[1].(int64), a[2].(string), a[3].(string))
	}},
}

// terminalColors are the names of a terminal's first colors, in their order.
var terminalColors = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

const resetColor = "\x1b[0m"

// rgb is a color of red, green and blue.
type rgb [3]uint8

// String returns the color as #rrggbb.
func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// parseColor reads #rrggbb, or #rgb with a digit for two equal ones.
func parseColor(s string) (c rgb, ok bool) {
	digits, ok := strings.CutPrefix(s, "#")
	if !ok || len(digits) != 3 && len(digits) != 6 {
		return c, false
	}
	n := len(digits) / 3
	for i := range c {
		v, err := strconv.ParseUint(strings.Repeat(digits[i*n:i*n+n], 2/n), 16, 8)
		if err != nil {
			return c, false
		}
		c[i] = uint8(v)
	}
	return c, true
}

// escapeColor is the escape sequence that switches a terminal of 256 colors to the given one.
func escapeColor(color string) string {
	n := slices.Index(terminalColors, color)
	if c, ok := parseColor(color); ok {
		n = 16 + int(c[0])*6/256*36 + int(c[1])*6/256*6 + int(c[2])*6/256
	}
	return "\x1b[38;5;" + strconv.Itoa(n) + "m"
}

// between goes from one color to another by hue, saturation and brightness.
func between(fraction float32, low, high rgb) rgb {
	if fraction > 1 {
		fraction = 1
	}
	if fraction < 0 {
		fraction = 0
	}
	a, b := hsb(low), hsb(high)
	var c [3]float32
	for i := range c {
		c[i] = fraction*(b[i]-a[i]) + a[i]
	}
	return fromHSB(c)
}

// hsb returns hue, saturation and brightness, from 0 to 1.
func hsb(c rgb) [3]float32 {
	top, low := max(c[0], c[1], c[2]), min(c[0], c[1], c[2])
	out := [3]float32{2: float32(top) / 255}
	if top == low {
		return out
	}
	span := float32(top - low)
	out[1] = span / float32(top)
	part := func(v uint8) float32 { return float32(top-v) / span }
	switch top {
	case c[0]:
		out[0] = part(c[2]) - part(c[1])
	case c[1]:
		out[0] = 2 + part(c[0]) - part(c[2])
	default:
		out[0] = 4 + part(c[1]) - part(c[0])
	}
	out[0] /= 6
	if out[0] < 0 {
		out[0]++
	}
	return out
}

// fromHSB is the reverse of hsb.
func fromHSB(c [3]float32) rgb {
	level := func(v float32) uint8 {
		if v != v {
			return 0
		}
		return uint8(int(v*255 + 0.5))
	}
	top := level(c[2])
	if c[1] == 0 {
		return rgb{top, top, top}
	}
	h := (c[0] - float32(math.Floor(float64(c[0])))) * 6
	f := h - float32(math.Floor(float64(h)))
	low := level(c[2] * (1 - c[1]))
	falling, rising := level(c[2]*(1-c[1]*f)), level(c[2]*(1-c[1]*(1-f)))
	sector := 0
	if h == h {
		sector = int(h)
	}
	switch sector {
	case 0:
		return rgb{top, rising, low}
	case 1:
		return rgb{falling, top, low}
	case 2:
		return rgb{low, top, rising}
	case 3:
		return rgb{low, falling, top}
	case 4:
		return rgb{rising, low, top}
	}
	return rgb{top, low, falling}
}

// maxBar bounds the width of a bar.
const maxBar = 1_000_000

// bar is a bar of blocks whose color changes from the left to the right, filled up with blanks.
func bar(fraction float64, width int64, left, right string) (any, error) {
	if width > maxBar {
		return nil, invalidArgument("width must not be over %d", maxBar)
	}
	count := min(width, max(0, toLong(fraction*float64(width))))
	low, ok1 := parseColor(left)
	high, ok2 := parseColor(right)
	if count > 0 && !(ok1 && ok2) {
		return nil, invalidArgument("color is not a valid rgb value")
	}
	var b strings.Builder
	for i := range count {
		c := between(float32(float64(i)/float64(width-1)), low, high)
		b.WriteString(escapeColor(c.String()) + "█")
	}
	b.WriteString(resetColor)
	b.WriteString(strings.Repeat(" ", int(max(0, width-max(0, count)))))
	return b.String(), nil
}
