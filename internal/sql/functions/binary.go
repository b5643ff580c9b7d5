package functions

import "strings"

// binaryFunctions are the functions over varbinary, and those between bytes and texts or numbers.
var binaryFunctions = concat(
	[]Function{
		{Signature: "length(varbinary)", Returns: "bigint", SQL: "octet_length($1)",
			Doc:      "The number of bytes of a binary value.",
			Examples: [][2]string{{"length(X'0102')", "2"}, {"length(X'')", "0"}}},
		{Signature: "concat(varbinary)", Result: atLeastTwo("varbinary"), Variadic: true, Emit: concatenate,
			Doc:      "Puts binary values together.",
			Examples: [][2]string{{"to_hex(concat(X'01', X'02', X'03'))", "010203"}}},
		{Signature: "reverse(varbinary)", Returns: "varbinary", SQL: "wb_binary_reverse($1)",
			Doc:      "The bytes in reverse order.",
			Examples: [][2]string{{"to_hex(reverse(X'010203'))", "030201"}}},
		{Signature: "lpad(varbinary, bigint, varbinary)", Returns: "varbinary", SQL: "wb_binary_pad($1, $2, $3, false)",
			Doc:      "Fills a binary value up to a length by putting bytes before it, or cuts it off at that length.",
			Examples: [][2]string{{"to_hex(lpad(X'12', 3, X'AB'))", "ABAB12"}, {"to_hex(lpad(X'1234', 1, X'AB'))", "12"}}},
		{Signature: "rpad(varbinary, bigint, varbinary)", Returns: "varbinary", SQL: "wb_binary_pad($1, $2, $3, true)",
			Doc:      "Fills a binary value up to a length by putting bytes after it, or cuts it off at that length.",
			Examples: [][2]string{{"to_hex(rpad(X'12', 4, X'ABCD'))", "12ABCDAB"}}},
		{Signature: "substr(varbinary, bigint)", Returns: "varbinary", SQL: "wb_binary_substr($1, $2, 9223372036854775807)",
			Doc:      "The bytes from a position on, which counts from 1, or from the end when it is negative.",
			Examples: [][2]string{{"to_hex(substr(X'010203', 2))", "0203"}, {"to_hex(substr(X'010203', -1))", "03"}}},
		{Signature: "substr(varbinary, bigint, bigint)", Returns: "varbinary", SQL: "wb_binary_substr($1, $2, $3)",
			Doc:      "The given number of bytes from a position on, which counts from 1, or from the end when it is negative.",
			Examples: [][2]string{{"to_hex(substr(X'010203', 2, 1))", "02"}}},
		{Signature: "to_utf8(varchar(x))", Returns: "varbinary", SQL: "encode($1)", Doc: toUTF8Doc,
			Examples: [][2]string{{"to_hex(to_utf8('aé'))", "61C3A9"}}},
		{Signature: "to_utf8(char(x))", Returns: "varbinary", Emit: encodeChar, Doc: toUTF8Doc,
			Examples: [][2]string{{"to_hex(to_utf8(CAST('a' AS char(3))))", "612020"}}},
		{Signature: "from_utf8(varbinary)", Returns: "varchar", SQL: "wb_from_utf8($1, '\uFFFD')",
			Doc:      "Reads bytes as UTF-8; what is none becomes the replacement character.",
			Examples: [][2]string{{"from_utf8(X'61C3A9')", "aé"}, {"from_utf8(X'58BF59')", "X\uFFFDY"}}},
		{Signature: "from_utf8(varbinary, varchar(x))", Returns: "varchar", SQL: "wb_from_utf8($1, $2)",
			Doc:      "Reads bytes as UTF-8; what is none becomes the given character, or is left out when that is empty.",
			Examples: [][2]string{{"from_utf8(X'58BF59', '#')", "X#Y"}, {"from_utf8(X'58BF59', '')", "XY"}}},
		{Signature: "from_utf8(varbinary, bigint)", Returns: "varchar", SQL: "wb_from_utf8_codepoint($1, $2)",
			Doc:      "Reads bytes as UTF-8; what is none becomes the character with the given code point.",
			Examples: [][2]string{{"from_utf8(X'58BF59', 35)", "X#Y"}}},

		{Signature: "to_big_endian_32(integer)", Returns: "varbinary", SQL: "wb_to_big_endian_32(CAST($1 AS BIGINT))",
			Doc: "The four bytes of an integer, the highest first.", Examples: [][2]string{{"to_hex(to_big_endian_32(258))", "00000102"}}},
		{Signature: "to_big_endian_64(bigint)", Returns: "varbinary", SQL: "wb_to_big_endian_64($1)",
			Doc: "The eight bytes of a bigint, the highest first.", Examples: [][2]string{{"to_hex(to_big_endian_64(-2))", "FFFFFFFFFFFFFFFE"}}},
		{Signature: "from_big_endian_32(varbinary)", Returns: "integer", SQL: "CAST(wb_from_big_endian_32($1) AS INTEGER)",
			Doc: "The integer of four bytes, the highest first.", Examples: [][2]string{{"from_big_endian_32(X'00000102')", "258"}}},
		{Signature: "from_big_endian_64(varbinary)", Returns: "bigint", SQL: "wb_from_big_endian_64($1)",
			Doc: "The bigint of eight bytes, the highest first.", Examples: [][2]string{{"from_big_endian_64(X'FFFFFFFFFFFFFFFE')", "-2"}}},
		{Signature: "to_ieee754_32(real)", Returns: "varbinary", SQL: "wb_to_ieee754_32($1)",
			Doc: "The four bytes of a real in IEEE 754 format, the highest first.", Examples: [][2]string{{"to_hex(to_ieee754_32(REAL '1.5'))", "3FC00000"}}},
		{Signature: "to_ieee754_64(double)", Returns: "varbinary", SQL: "wb_to_ieee754_64($1)",
			Doc: "The eight bytes of a double in IEEE 754 format, the highest first.", Examples: [][2]string{{"to_hex(to_ieee754_64(1.5e0))", "3FF8000000000000"}}},
		{Signature: "from_ieee754_32(varbinary)", Returns: "real", SQL: "wb_from_ieee754_32($1)",
			Doc: "The real of four bytes in IEEE 754 format.", Examples: [][2]string{{"from_ieee754_32(X'3FC00000')", "1.5E0"}}},
		{Signature: "from_ieee754_64(varbinary)", Returns: "double", SQL: "wb_from_ieee754_64($1)",
			Doc: "The double of eight bytes in IEEE 754 format.", Examples: [][2]string{{"from_ieee754_64(X'3FF8000000000000')", "1.5E0"}}},

		{Signature: "to_hex(varbinary)", Returns: "varchar", SQL: "hex($1)",
			Doc: "The bytes as hexadecimal digits in upper case.", Examples: [][2]string{{"to_hex(X'0aff')", "0AFF"}}},
		{Signature: "to_base64(varbinary)", Returns: "varchar", SQL: "to_base64($1)",
			Doc: "The bytes in base 64, padded.", Examples: [][2]string{{"to_base64(X'FBFF')", "+/8="}}},
		{Signature: "to_base64url(varbinary)", Returns: "varchar", SQL: "wb_to_base64url($1)",
			Doc: "The bytes in the variant of base 64 that is safe in URLs, padded.", Examples: [][2]string{{"to_base64url(X'FBFF')", "-_8="}}},
		{Signature: "to_base32(varbinary)", Returns: "varchar", SQL: "wb_to_base32($1)",
			Doc: "The bytes in base 32, padded.", Examples: [][2]string{{"to_base32(to_utf8('abc'))", "MFRGG==="}}},
	},
	encoded("hex", "hexadecimal digits", "from_hex(%s'aB')", "AB"),
	encoded("base64", "base 64, padded or not", "from_base64(%s'+/8=')", "FBFF"),
	encoded("base64url", "the variant of base 64 that is safe in URLs", "from_base64url(%s'-_8')", "FBFF"),
	encoded("base32", "base 32, padded or not", "from_base32(%s'MFRGG===')", "616263"),
)

const toUTF8Doc = "The bytes of a text in UTF-8."

// encodeChar encodes the trailing blanks as well.
func encodeChar(s *Site) (string, error) { return "encode(" + padChar(s.Args[0]) + ")", nil }

// encoded are the overloads of from_…, which read an encoding from a text or from its bytes.
func encoded(name, what, example, value string) []Function {
	call := "wb_from_" + name
	doc := "The bytes that a text has in " + what + "."
	text, fromBytes := strings.Replace(example, "%s", "", 1), strings.Replace(example, "%s", "to_utf8(", 1)+")"
	return []Function{
		{Signature: "from_" + name + "(varchar(x))", Returns: "varbinary", SQL: call + "(encode($1))", Doc: doc,
			Examples: [][2]string{{"to_hex(" + text + ")", value}}},
		{Signature: "from_" + name + "(varbinary)", Returns: "varbinary", SQL: call + "($1)", Doc: doc,
			Examples: [][2]string{{"to_hex(" + fromBytes + ")", value}}},
	}
}
