package functions

// conversionFunctions read and write quantities and numbers in other notations.
var conversionFunctions = []Function{
	{Signature: "parse_duration(varchar(x))", Returns: "interval day to second", SQL: "wb_parse_duration($1)",
		Doc:      "The interval of a number with a unit: ns, us, ms, s, m, h or d.",
		Examples: [][2]string{{"parse_duration('3.81 d')", "3 19:26:24.000"}, {"parse_duration('5m')", "0 00:05:00.000"}}},
	{Signature: "parse_data_size(varchar(x))", Returns: "decimal(38,0)", SQL: "CAST(wb_parse_data_size($1) AS DECIMAL(38, 0))",
		Doc:      "The bytes of a number with a unit: B, kB, MB and so on, each 1024 times the one before.",
		Examples: [][2]string{{"parse_data_size('2.3MB')", "2411724"}, {"parse_data_size('1B')", "1"}}},
	{Signature: "parse_presto_data_size(varchar(x))", Returns: "decimal(38,0)", SQL: "CAST(wb_parse_data_size($1) AS DECIMAL(38, 0))",
		Doc: "The old name of parse_data_size.", Examples: [][2]string{{"parse_presto_data_size('1kB')", "1024"}}},
	{Signature: "human_readable_seconds(double)", Returns: "varchar", SQL: "wb_human_readable_seconds($1)",
		Doc: "A number of seconds in words: weeks, days, hours, minutes and seconds.",
		Examples: [][2]string{{"human_readable_seconds(96)", "1 minute, 36 seconds"},
			{"human_readable_seconds(56363463)", "93 weeks, 1 day, 8 hours, 31 minutes, 3 seconds"}}},
	{Signature: "to_base(bigint, bigint)", Returns: "varchar(64)", SQL: "wb_to_base($1, $2)",
		Doc: "The digits of an integer in a base from 2 to 36.", Examples: [][2]string{{"to_base(-255, 16)", "-ff"}}},
	{Signature: "from_base(varchar(x), bigint)", Returns: "bigint", SQL: "wb_from_base($1, $2)",
		Doc: "The integer of digits in a base from 2 to 36.", Examples: [][2]string{{"from_base('-ff', 16)", "-255"}}},
	{Signature: "char2hexint(varchar)", Returns: "varchar", SQL: "wb_char2hexint($1)",
		Doc: "The UTF-16 units of a text in hexadecimal digits.", Examples: [][2]string{{"char2hexint('Az')", "0041007A"}}},
}
