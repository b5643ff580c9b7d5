package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// whitespace are the characters that Trino's trim removes, as a DuckDB string.
var whitespace = "'" + "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000" + "'"

// stringFunctions are the functions over varchar, char and varbinary. Lengths and positions count code points. A char
// lies in DuckDB without its trailing spaces.
var stringFunctions = concat(
	[]Function{
		{Signature: "length(varchar(x))", Returns: "bigint", SQL: "length($1)",
			Doc: "The number of characters of a text.", Examples: [][2]string{{"length('aé💰')", "3"}, {"length('')", "0"}}},
		{Signature: "length(char(x))", Returns: "bigint", Emit: charLength,
			Doc: "The number of characters of a char, with its trailing blanks.", Examples: [][2]string{{"length(CAST('ab' AS char(5)))", "5"}}},
		{Signature: "upper(varchar(x))", Returns: "varchar(x)", SQL: upper, Doc: upperDoc,
			Examples: [][2]string{{"upper('Straße')", "STRAßE"}}},
		{Signature: "upper(char(x))", Returns: "char(x)", SQL: upper, Doc: upperDoc,
			Examples: [][2]string{{"upper(CAST('ab' AS char(3)))", "AB "}}},
		{Signature: "lower(varchar(x))", Returns: "varchar(x)", SQL: "lower($1)", Doc: lowerDoc,
			Examples: [][2]string{{"lower('ÄB')", "äb"}}},
		{Signature: "lower(char(x))", Returns: "char(x)", SQL: "lower($1)", Doc: lowerDoc,
			Examples: [][2]string{{"lower(CAST('AB' AS char(3)))", "ab "}}},
		{Signature: "concat(varchar)", Result: atLeastTwo("varchar"), Variadic: true, Emit: concatenate,
			Doc: "Puts texts together, as || does.", Examples: [][2]string{{"concat('a', 'b', 'c')", "abc"}, {"concat('a', NULL, 'c')", "NULL"}}},
		{Signature: "concat(char(x), char(y))", Result: concatenatedChar, Emit: concatenateChar,
			Doc: "Puts two chars together, with the trailing blanks of both.", Examples: [][2]string{{"concat(CAST('a' AS char(3)), CAST('b' AS char(2)))", "a  b "}}},
		{Signature: "concat_ws(varchar, varchar)", Result: wsAtLeastTwo, Variadic: true, CalledOnNull: true, SQL: "concat_ws($*)",
			Doc:      "Puts the texts that are not NULL together, with the first argument between them.",
			Examples: [][2]string{{"concat_ws(',', 'a', NULL, 'b')", "a,b"}, {"concat_ws(NULL, 'a')", "NULL"}}},
		{Signature: "concat_ws(varchar, array(varchar))", Returns: "varchar", CalledOnNull: true, Emit: concatArray,
			Doc:      "Puts the elements that are not NULL together, with the first argument between them.",
			Examples: [][2]string{{"concat_ws(',', ARRAY['a', NULL, 'b'])", "a,b"}}},
		{Signature: "replace(varchar(x), varchar(y))", Returns: "varchar(x)", SQL: "replace($1, $2, '')",
			Doc: "Removes every occurrence of a text.", Examples: [][2]string{{"replace('banana', 'an')", "ba"}}},
		{Signature: "replace(varchar(x), varchar(y), varchar(z))", Result: replacedLength, Emit: replace,
			Doc:      "Replaces every occurrence of a text; an empty one stands between all characters.",
			Examples: [][2]string{{"replace('banana', 'an', 'AN')", "bANANa"}, {"replace('ab', '', '-')", "-a-b-"}}},
		{Signature: "translate(varchar(x), varchar(y), varchar(z))", Returns: "varchar", SQL: "translate($1, $2, $3)",
			Doc:      "Replaces each character that is in the second text by the one at the same place of the third, and removes it when that is shorter.",
			Examples: [][2]string{{"translate('banana', 'an', 'o')", "booo"}}},
		{Signature: "reverse(varchar(x))", Returns: "varchar(x)", SQL: "wb_reverse($1)", Doc: reverseDoc,
			Examples: [][2]string{{"reverse('abc💰')", "💰cba"}}},
		{Signature: "reverse(char(x))", Returns: "char(x)", Emit: reverseChar, Doc: reverseDoc,
			Examples: [][2]string{{"reverse(CAST('ab' AS char(4)))", "  ba"}}},
		{Signature: "lpad(varchar(x), bigint, varchar(y))", Returns: "varchar", SQL: pad("lpad"), Doc: lpadDoc,
			Examples: [][2]string{{"lpad('ab', 5, 'xy')", "xyxab"}, {"lpad('abc', 2, 'x')", "ab"}}},
		{Signature: "lpad(char(x), bigint, varchar(y))", Returns: "varchar", Emit: padPadded, Doc: lpadDoc,
			Examples: [][2]string{{"lpad(CAST('ab' AS char(3)), 5, 'xy')", "xyab "}}},
		{Signature: "rpad(varchar(x), bigint, varchar(y))", Returns: "varchar", SQL: pad("rpad"),
			Doc:      "Fills a text up to a length by putting characters after it, or cuts it off at that length.",
			Examples: [][2]string{{"rpad('ab', 5, 'xy')", "abxyx"}}},
		{Signature: "chr(bigint)", Returns: "varchar(1)", SQL: chr,
			Doc: "The character with a code point.", Examples: [][2]string{{"chr(65)", "A"}, {"chr(128176)", "💰"}}},
		{Signature: "codepoint(varchar(1))", Returns: "integer", SQL: codepoint,
			Doc: "The code point of a text of one character.", Examples: [][2]string{{"codepoint('A')", "65"}}},
		{Signature: "typeof(T)", Vars: "T", Returns: "varchar", CalledOnNull: true, Emit: typeName,
			Doc: "The name of the type of an expression.", Examples: [][2]string{{"typeof('abc')", "varchar(3)"}, {"typeof(NULL)", "unknown"}}},
	},
	substrings("substr"), substrings("substring"),
	trims("trim", "from both ends"), trims("ltrim", "from the beginning"), trims("rtrim", "from the end"),
	searchFunctions, splitFunctions, languageFunctions, binaryFunctions, hashFunctions, urlFunctions, networkFunctions,
	conversionFunctions, colorFunctions,
)

const (
	upperDoc   = "The text in upper case, character by character."
	lowerDoc   = "The text in lower case, character by character."
	reverseDoc = "The characters in reverse order."
	lpadDoc    = "Fills a text up to a length by putting characters before it, or cuts it off at that length."
)

// upper leaves the sharp s alone, which DuckDB makes a capital sharp s.
const upper = "CASE WHEN contains($1, 'ß') THEN array_to_string(list_transform(string_split($1, 'ß'), lambda _u: upper(_u)), 'ß') ELSE upper($1) END"

var (
	chr = "CASE WHEN $1 NOT BETWEEN 0 AND 1114111 OR $1 BETWEEN 55296 AND 57343 THEN " +
		raise("INVALID_FUNCTION_ARGUMENT", "'Not a valid Unicode code point: ' || $1") + " ELSE chr(CAST($1 AS INTEGER)) END"
	codepoint = "CASE WHEN $1 = '' THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Input string must be a single character string'") +
		" ELSE unicode($1) END"
)

func pad(name string) string {
	return "CASE WHEN $2 < 0 OR $2 > 2147483647 THEN " +
		raise("INVALID_FUNCTION_ARGUMENT", "'Target length must be in the range [0..2147483647]'") +
		" WHEN $3 = '' THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Padding string must not be empty'") +
		" ELSE " + name + "($1, CAST($2 AS INTEGER), $3) END"
}

// padPadded pads a char, which has its trailing blanks already.
func padPadded(s *Site) (string, error) {
	s.Args[0].SQL, s.Args[0].Cheap = padChar(s.Args[0]), false
	return s.named(pad("lpad"), 0), nil
}

func substrings(name string) []Function {
	const from, count = "The characters from a position on, which counts from 1, or from the end when it is negative.",
		"The given number of characters from a position on, which counts from 1, or from the end when it is negative."
	return []Function{
		{Signature: name + "(varchar(x), bigint)", Returns: "varchar(x)", Emit: substring, Doc: from,
			Examples: [][2]string{{name + "('hello', 3)", "llo"}, {name + "('hello', -2)", "lo"}, {name + "('hello', 0)", ""}}},
		{Signature: name + "(varchar(x), bigint, bigint)", Returns: "varchar(x)", Emit: substring, Doc: count,
			Examples: [][2]string{{name + "('hello', 2, 3)", "ell"}}},
		{Signature: name + "(char(x), bigint)", Returns: "varchar(x)", Emit: substring, Doc: from,
			Examples: [][2]string{{name + "(CAST('ab' AS char(4)), 2)", "b  "}}},
		{Signature: name + "(char(x), bigint, bigint)", Returns: "varchar(x)", Emit: substring, Doc: count,
			Examples: [][2]string{{name + "(CAST('ab' AS char(4)), 2, 2)", "b "}}},
	}
}

func trims(name, where string) []Function {
	white, given := "Removes white space "+where+" of a text.", "Removes the given characters "+where+" of a text."
	example := map[string][2]string{"trim": {"b", "b"}, "ltrim": {"b ", "bxa"}, "rtrim": {" b", "axb"}}[name]
	return []Function{
		{Signature: name + "(varchar(x))", Returns: "varchar(x)", SQL: name + "($1, " + whitespace + ")", Doc: white,
			Examples: [][2]string{{name + "(' b ')", example[0]}}},
		{Signature: name + "(char(x))", Returns: "varchar(x)", SQL: "rtrim(" + name + "($1, " + whitespace + "), ' ')", Doc: white,
			Examples: [][2]string{{name + "(CAST('b' AS char(2)))", "b"}}},
		{Signature: name + "(varchar(x), CodePoints)", Returns: "varchar(x)", SQL: name + "($1, $2)", Doc: given,
			Examples: [][2]string{{name + "('axbxa', 'ax')", example[1]}}},
		{Signature: name + "(char(x), CodePoints)", Returns: "varchar(x)", SQL: "rtrim(" + name + "($1, $2), ' ')", Doc: given,
			Examples: [][2]string{{name + "(CAST('b' AS char(2)), ' ')", "b"}}},
	}
}

// padChar gives a char its trailing spaces.
func padChar(o Operand) string {
	if o.Type.Kind != types.Char {
		return o.SQL
	}
	return "rpad(" + o.SQL + ", " + strconv.Itoa(o.Type.P) + ", ' ')"
}

func charLength(s *Site) (string, error) {
	return "CASE WHEN " + s.Args[0].SQL + " IS NOT NULL THEN CAST(" + strconv.Itoa(s.Args[0].Type.P) + " AS BIGINT) END", nil
}

func reverseChar(s *Site) (string, error) {
	return "rtrim(wb_reverse(" + padChar(s.Args[0]) + "), ' ')", nil
}

// substring starts at 1, or counts from the end; a start of 0 or before the beginning gives an empty string, and so does a
// length that is not positive. DuckDB reads such arguments otherwise.
func substring(s *Site) (string, error) {
	text := s.Args[0]
	text.SQL = padChar(text)
	cond, start := "", bounded(s.Args[1])
	if n, ok := start.Value.(int64); !start.Const || !ok || n <= 0 {
		cond = start.SQL + " = 0 OR " + start.SQL + " < -length($s)"
	}
	call := "substr($s, " + start.SQL + ")"
	if len(s.Args) > 2 {
		length := bounded(s.Args[2])
		call = "substr($s, " + start.SQL + ", " + length.SQL + ")"
		if n, ok := length.Value.(int64); !length.Const || !ok || n <= 0 {
			if cond != "" {
				cond += " OR "
			}
			cond += length.SQL + " <= 0"
		}
	}
	if cond == "" {
		return strings.Replace(call, "$s", text.SQL, 1), nil
	}
	return s.once(text, func(o Operand) string {
		fill := func(t string) string { return strings.Replace(t, "$s", o.SQL, 1) }
		return "CASE WHEN " + fill(cond) + " THEN '' ELSE " + fill(call) + " END"
	}), nil
}

// bounded keeps a position or length within what DuckDB takes, which is more than any text has.
func bounded(o Operand) Operand {
	if n, ok := o.Value.(int64); !o.Const || !ok || n > types.UnboundedLength {
		o.SQL = "least(" + o.SQL + ", 2147483647)"
	}
	return o
}

func concatenate(s *Site) (string, error) {
	parts := make([]string, len(s.Args))
	for i, a := range s.Args {
		parts[i] = a.SQL
	}
	return "(" + strings.Join(parts, " || ") + ")", nil
}

// atLeastTwo refuses to put less than two things together.
func atLeastTwo(typ string) func(Binding) (types.Type, error) {
	result, err := types.Parse(typ)
	return func(b Binding) (types.Type, error) {
		if len(b.Args) < 2 {
			return types.Type{}, trinoerr.New(trinoerr.InvalidFunctionArgument, "There must be two or more concatenation arguments")
		}
		return result, err
	}
}

func wsAtLeastTwo(b Binding) (types.Type, error) {
	if len(b.Args) < 2 {
		return types.Type{}, trinoerr.New(trinoerr.InvalidFunctionArgument, "There must be two or more arguments")
	}
	return types.Of(types.Varchar), nil
}

// maxCharLength is the largest length of a char.
const maxCharLength = 65536

func concatenatedChar(b Binding) (types.Type, error) {
	return types.CharN(b.Nums["x"] + b.Nums["y"]), nil
}

// concatenateChar refuses what is too long only here: while overloads are chosen, any length has to do.
func concatenateChar(s *Site) (string, error) {
	if s.Result.P > maxCharLength {
		return "", trinoerr.New(trinoerr.TypeNotFound, "Unknown type: %s", s.Result)
	}
	return "(" + padChar(s.Args[0]) + " || " + s.Args[1].SQL + ")", nil
}

// replacedLength is the length that a text can grow to when every character is replaced.
func replacedLength(b Binding) (types.Type, error) {
	n := int64(b.Nums["x"]) + int64(b.Nums["z"])*(int64(b.Nums["x"])+1)
	return types.VarcharN(int(min(n, types.UnboundedLength))), nil
}

// replace with an empty search string inserts the replacement around every character.
func replace(s *Site) (string, error) {
	call := "replace(" + s.list(0) + ")"
	if v, ok := s.Args[1].Value.(string); s.Args[1].Const && ok && v != "" {
		return call, nil
	}
	return s.named("CASE WHEN $2 = '' THEN wb_intersperse($1, $3) ELSE replace($1, $2, $3) END", 0), nil
}

func typeName(s *Site) (string, error) {
	return "'" + strings.ReplaceAll(s.Args[0].Type.String(), "'", "''") + "'", nil
}

func concatArray(s *Site) (string, error) {
	list := "list_filter(" + s.Args[1].SQL + ", lambda _x: _x IS NOT NULL)"
	return s.once(Operand{SQL: list}, func(o Operand) string {
		return "CASE WHEN " + o.SQL + " IS NOT NULL AND " + s.Args[0].SQL + " IS NOT NULL THEN " + joined(o.SQL, s.Args[0]) + " END"
	}), nil
}
