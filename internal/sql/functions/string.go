package functions

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// whitespace are the characters that Trino's trim removes, as a DuckDB string.
var whitespace = "'" + "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000" + "'"

// stringFunctions are the functions over varchar, char and varbinary. Lengths and positions count code points. A char
// lies in DuckDB without its trailing spaces.
var stringFunctions = concat(
	[]Function{
		{Signature: "length(varchar(x))", Returns: "bigint", SQL: "length($1)"},
		{Signature: "length(char(x))", Returns: "bigint", Emit: charLength},
		{Signature: "length(varbinary)", Returns: "bigint", SQL: "octet_length($1)"},
		{Signature: "upper(varchar(x))", Returns: "varchar(x)", SQL: upper},
		{Signature: "upper(char(x))", Returns: "char(x)", SQL: upper},
		{Signature: "lower(varchar(x))", Returns: "varchar(x)", SQL: "lower($1)"},
		{Signature: "lower(char(x))", Returns: "char(x)", SQL: "lower($1)"},
		{Signature: "concat(varchar)", Returns: "varchar", Variadic: true, Emit: concatenate},
		{Signature: "concat(varbinary)", Returns: "varbinary", Variadic: true, Emit: concatenate},
		{Signature: "concat(char(x), char(y))", Result: concatenatedChar, Emit: concatenateChar},
		{Signature: "replace(varchar(x), varchar(y))", Returns: "varchar(x)", SQL: "replace($1, $2, '')"},
		{Signature: "replace(varchar(x), varchar(y), varchar(z))", Result: replacedLength, Emit: replace},
		{Signature: "starts_with(varchar(x), varchar(y))", Returns: "boolean", SQL: "starts_with($1, $2)"},
		{Signature: "strpos(varchar(x), varchar(y))", Returns: "bigint", SQL: "strpos($1, $2)"},
		{Signature: "index(varchar, varchar)", Returns: "bigint", SQL: "strpos($1, $2)"},
		{Signature: "split(varchar(x), varchar(y))", Returns: "array(varchar(x))", Emit: split},
		{Signature: "split(varchar(x), varchar(y), bigint)", Returns: "array(varchar(x))", SQL: splitLimit},
		{Signature: "from_hex(varchar(x))", Returns: "varbinary", SQL: "wb_from_hex($1)"},
		{Signature: "from_base64(varchar(x))", Returns: "varbinary", SQL: "wb_from_base64($1)"},
		{Signature: "to_base64url(varbinary)", Returns: "varchar", SQL: "wb_to_base64url($1)"},
		{Signature: "from_base64url(varchar(x))", Returns: "varbinary", SQL: "wb_from_base64url($1)"},
		{Signature: "to_base32(varbinary)", Returns: "varchar", SQL: "wb_to_base32($1)"},
		{Signature: "from_base32(varchar(x))", Returns: "varbinary", SQL: "wb_from_base32($1)"},
		{Signature: "sha512(varbinary)", Returns: "varbinary", SQL: "wb_sha512($1)"},
		{Signature: "xxhash64(varbinary)", Returns: "varbinary", SQL: "wb_xxhash64($1)"},
		{Signature: "crc32(varbinary)", Returns: "bigint", SQL: "wb_crc32($1)"},
		{Signature: "url_extract_protocol(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'protocol')"},
		{Signature: "url_extract_host(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'host')"},
		{Signature: "url_extract_port(varchar(x))", Returns: "bigint", SQL: "CAST(nullif(wb_url_part($1, 'port'), '') AS BIGINT)"},
		{Signature: "url_extract_path(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'path')"},
		{Signature: "url_extract_query(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'query')"},
		{Signature: "url_extract_fragment(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_part($1, 'fragment')"},
		{Signature: "url_extract_parameter(varchar(x), varchar(y))", Returns: "varchar(x)", SQL: "wb_url_parameter($1, $2)"},
		{Signature: "url_encode(varchar(x))", Result: encodedLength, SQL: "wb_url_encode($1)"},
		{Signature: "url_decode(varchar(x))", Returns: "varchar(x)", SQL: "wb_url_decode($1)"},
		{Signature: "split_part(varchar(x), varchar(y), bigint)", Returns: "varchar(x)", SQL: splitPart},
		{Signature: "lpad(varchar(x), bigint, varchar(y))", Returns: "varchar", SQL: pad("lpad")},
		{Signature: "rpad(varchar(x), bigint, varchar(y))", Returns: "varchar", SQL: pad("rpad")},
		{Signature: "chr(bigint)", Returns: "varchar(1)", SQL: "chr(CAST($1 AS INTEGER))"},
		{Signature: "codepoint(varchar(1))", Returns: "integer", SQL: "unicode($1)"},
		{Signature: "translate(varchar(x), varchar(y), varchar(z))", Returns: "varchar", SQL: "translate($1, $2, $3)"},
		{Signature: "reverse(varchar(x))", Returns: "varchar(x)", SQL: "wb_reverse($1)"},
		{Signature: "strpos(varchar(x), varchar(y), bigint)", Returns: "bigint", SQL: "wb_strpos($1, $2, $3)"},
		{Signature: "hamming_distance(varchar(x), varchar(y))", Returns: "bigint", SQL: "wb_hamming($1, $2)"},
		{Signature: "from_utf8(varbinary)", Returns: "varchar", SQL: "wb_from_utf8($1)"},
		{Signature: "to_base(bigint, bigint)", Returns: "varchar(64)", SQL: "wb_to_base($1, $2)"},
		{Signature: "from_base(varchar(x), bigint)", Returns: "bigint", SQL: "wb_from_base($1, $2)"},
		{Signature: "levenshtein_distance(varchar(x), varchar(y))", Returns: "bigint", SQL: "levenshtein($1, $2)"},
		{Signature: "to_utf8(varchar(x))", Returns: "varbinary", SQL: "encode($1)"},
		{Signature: "to_hex(varbinary)", Returns: "varchar", SQL: "hex($1)"},
		{Signature: "to_base64(varbinary)", Returns: "varchar", SQL: "to_base64($1)"},
		{Signature: "md5(varbinary)", Returns: "varbinary", SQL: "unhex(md5($1))"},
		{Signature: "sha1(varbinary)", Returns: "varbinary", SQL: "unhex(sha1($1))"},
		{Signature: "sha256(varbinary)", Returns: "varbinary", SQL: "unhex(sha256($1))"},
		{Signature: "concat_ws(varchar, varchar)", Returns: "varchar", Variadic: true, CalledOnNull: true, SQL: "concat_ws($*)"},
		{Signature: "concat_ws(varchar, array(varchar))", Returns: "varchar", CalledOnNull: true,
			Emit: concatArray},
		{Signature: "typeof(T)", Vars: "T", Returns: "varchar", CalledOnNull: true, Emit: typeName},
		{Signature: "uuid()", Returns: "uuid", Nondeterministic: true, SQL: "gen_random_uuid()"},
	},
	substrings("substr"), substrings("substring"),
	trims("trim", "trim"), trims("ltrim", "ltrim"), trims("rtrim", "rtrim"),
)

// encodedLength is what a text can grow to when every character is escaped.
func encodedLength(b Binding) (types.Type, error) {
	return types.VarcharN(int(min(int64(b.Nums["x"])*12, types.UnboundedLength))), nil
}

// upper leaves the sharp s alone, which DuckDB makes a capital sharp s.
const upper = "CASE WHEN contains($1, 'ß') THEN array_to_string(list_transform(string_split($1, 'ß'), lambda _u: upper(_u)), 'ß') ELSE upper($1) END"

var (
	splitLimit = "CASE WHEN $3 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Limit must be positive'") +
		" WHEN $2 = '' THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'The delimiter may not be the empty string'") +
		" ELSE wb_split($1, $2, $3) END"
	splitPart = "CASE WHEN $3 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Index must be greater than zero'") +
		" ELSE list_extract(string_split($1, $2), $3) END"
)

func pad(name string) string {
	return "CASE WHEN $2 < 0 OR $2 > 2147483647 THEN " +
		raise("INVALID_FUNCTION_ARGUMENT", "'Target length must be in the range [0..2147483647]'") +
		" WHEN $3 = '' THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Padding string must not be empty'") +
		" ELSE " + name + "($1, CAST($2 AS INTEGER), $3) END"
}

func substrings(name string) []Function {
	return []Function{
		{Signature: name + "(varchar(x), bigint)", Returns: "varchar(x)", Emit: substring},
		{Signature: name + "(varchar(x), bigint, bigint)", Returns: "varchar(x)", Emit: substring},
		{Signature: name + "(char(x), bigint)", Returns: "varchar(x)", Emit: substring},
		{Signature: name + "(char(x), bigint, bigint)", Returns: "varchar(x)", Emit: substring},
	}
}

func trims(name, duck string) []Function {
	return []Function{
		{Signature: name + "(varchar(x))", Returns: "varchar(x)", SQL: duck + "($1, " + whitespace + ")"},
		{Signature: name + "(char(x))", Returns: "varchar(x)", SQL: "rtrim(" + duck + "($1, " + whitespace + "), ' ')"},
		{Signature: name + "(varchar(x), CodePoints)", Returns: "varchar(x)", SQL: duck + "($1, $2)"},
		{Signature: name + "(char(x), CodePoints)", Returns: "varchar(x)", SQL: "rtrim(" + duck + "($1, $2), ' ')"},
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

// substring starts at 1, or counts from the end; a start of 0 or before the beginning gives an empty string, and so does a
// length that is not positive. DuckDB reads such arguments otherwise.
func substring(s *Site) (string, error) {
	text := s.Args[0]
	text.SQL = padChar(text)
	cond, start := "", s.Args[1]
	if n, ok := start.Value.(int64); !start.Const || !ok || n <= 0 {
		cond = start.SQL + " = 0 OR " + start.SQL + " < -length($s)"
	}
	call := "substr($s, " + start.SQL + ")"
	if len(s.Args) > 2 {
		length := s.Args[2]
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

func concatenate(s *Site) (string, error) {
	parts := make([]string, len(s.Args))
	for i, a := range s.Args {
		parts[i] = a.SQL
	}
	return "(" + strings.Join(parts, " || ") + ")", nil
}

func concatenatedChar(b Binding) (types.Type, error) {
	return types.CharN(b.Nums["x"] + b.Nums["y"]), nil
}

func concatenateChar(s *Site) (string, error) {
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
	return s.named("CASE WHEN $2 = '' THEN $3 || coalesce(array_to_string(list_transform(string_split($1, ''), lambda _c: _c || $3), ''), '') "+
		"ELSE replace($1, $2, $3) END", 0), nil
}

func split(s *Site) (string, error) {
	if v, ok := s.Args[1].Value.(string); s.Args[1].Const && ok && v != "" {
		return "string_split(" + s.list(0) + ")", nil
	}
	return s.named("CASE WHEN $2 = '' THEN "+raise("INVALID_FUNCTION_ARGUMENT", "'The delimiter may not be the empty string'")+
		" ELSE string_split($1, $2) END", 0), nil
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
