package functions

// languageFunctions know letters, words and numbers that are written as text.
var languageFunctions = []Function{
	{Signature: "soundex(varchar)", Returns: "varchar(4)", SQL: "wb_soundex($1)",
		Doc:      "A letter and three digits for how an English word sounds.",
		Examples: [][2]string{{"soundex('Robert')", "R163"}, {"soundex('Rupert')", "R163"}}},
	{Signature: "luhn_check(varchar)", Returns: "boolean", SQL: "wb_luhn_check($1)",
		Doc: "Tells whether the last digit of a number is right by the Luhn algorithm.", Examples: [][2]string{{"luhn_check('79927398713')", "true"}, {"luhn_check('79927398714')", "false"}}},
	{Signature: "normalize(varchar(x), varchar(y))", Returns: "varchar", SQL: "wb_normalize($1, $2)",
		Doc:      "The text in one of Unicode's normal forms: NFC, NFD, NFKC or NFKD.",
		Examples: [][2]string{{"length(normalize('é', NFD))", "2"}, {"normalize('Ⅲ', NFKC)", "III"}}},
	{Signature: "word_stem(varchar(x))", Returns: "varchar(x)", SQL: "wb_word_stem($1, 'en')",
		Doc: "The stem of an English word.", Examples: [][2]string{{"word_stem('generally')", "general"}}},
	{Signature: "word_stem(varchar(x), varchar(2))", Returns: "varchar(x)", SQL: "wb_word_stem($1, $2)",
		Doc: "The stem of a word of the language with the given code.", Examples: [][2]string{{"word_stem('continuerait', 'fr')", "continu"}, {"word_stem('häuser', 'de')", "haus"}}},
}
