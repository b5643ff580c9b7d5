package functions

const docSequence = "Lists the values from a start to a stop, both included, by a step."

// sequenceFunctions list equidistant values.
var sequenceFunctions = []Function{
	{Signature: "sequence(bigint, bigint)", Returns: "array(bigint)",
		SQL: "wb_sequence($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END)",
		Doc: docSequence, Examples: [][2]string{{"sequence(2, 5)", "[2,3,4,5]"}, {"sequence(3, 1)", "[3,2,1]"}}},
	{Signature: "sequence(bigint, bigint, bigint)", Returns: "array(bigint)", SQL: "wb_sequence($1, $2, $3)",
		Doc: docSequence, Examples: [][2]string{{"sequence(1, 10, 4)", "[1,5,9]"}}},
	{Signature: "sequence(date, date)", Returns: "array(date)",
		SQL: "list_transform(wb_sequence(" + days("$1") + ", " + days("$2") + ", CASE WHEN $1 <= $2 THEN 1 ELSE -1 END), lambda _d: DATE '1970-01-01' + CAST(_d AS INTEGER))",
		Doc: docSequence, Examples: [][2]string{{"sequence(DATE '2024-02-28', DATE '2024-03-01')", `["2024-02-28","2024-02-29","2024-03-01"]`}}},
	{Signature: "sequence(date, date, interval day to second)", Returns: "array(date)",
		SQL: "list_transform(wb_sequence(" + days("$1") + ", " + days("$2") + ", CASE WHEN $3 % 86400000 <> 0 THEN " +
			raise("INVALID_FUNCTION_ARGUMENT", "'sequence step must be a day interval if start and end values are dates'") +
			" ELSE $3 // 86400000 END), lambda _d: DATE '1970-01-01' + CAST(_d AS INTEGER))",
		Doc: docSequence, Examples: [][2]string{{"sequence(DATE '2024-01-01', DATE '2024-01-20', INTERVAL '7' DAY)", `["2024-01-01","2024-01-08","2024-01-15"]`}}},
	{Signature: "sequence(date, date, interval year to month)", Returns: "array(date)",
		SQL: "list_transform(wb_sequence_months(" + days("$1") + " * 86400000000, " + days("$2") + " * 86400000000, CAST($3 AS BIGINT)), lambda _t: CAST(make_timestamp(_t) AS DATE))",
		Doc: docSequence, Examples: [][2]string{{"sequence(DATE '2024-01-31', DATE '2024-03-31', INTERVAL '1' MONTH)", `["2024-01-31","2024-02-29","2024-03-31"]`}}},
	{Signature: "sequence(timestamp(p), timestamp(p), interval day to second)", Returns: "array(timestamp(p))",
		Emit: timestampSequence("wb_sequence", " * 1000"),
		Doc:  docSequence, Examples: [][2]string{{"sequence(TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 12:00:00', INTERVAL '8' HOUR)", `["2024-01-01 00:00:00","2024-01-01 08:00:00"]`}}},
	{Signature: "sequence(timestamp(p), timestamp(p), interval year to month)", Returns: "array(timestamp(p))",
		Emit: timestampSequence("wb_sequence_months", ""),
		Doc:  docSequence, Examples: [][2]string{{"sequence(TIMESTAMP '2024-01-01 06:00:00', TIMESTAMP '2025-01-01 00:00:00', INTERVAL '1' YEAR)", `["2024-01-01 06:00:00"]`}}},
}

// days are the days since 1970-01-01 of a date.
func days(sql string) string { return "CAST(" + sql + " - DATE '1970-01-01' AS BIGINT)" }

// timestampSequence counts in microseconds; finer digits are those of the start.
func timestampSequence(function, unit string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		return s.each(s.Args, func(a []Operand) string {
			list := function + "(" + micros(a[0]) + ", " + micros(a[1]) + ", CAST(" + a[2].SQL + " AS BIGINT)" + unit + ")"
			if unit != "" && s.Result.Elem(0).P < 3 {
				step := powerOfTen(3 - s.Result.Elem(0).P)
				list = "CASE WHEN " + a[2].SQL + " % " + step + " <> 0 THEN " +
					raise("INVALID_FUNCTION_ARGUMENT", "'sequence step must be a multiple of the timestamp precision'") + " ELSE " + list + " END"
			}
			t := s.Result.Elem(0)
			var elem string
			if t.P <= microPrecision {
				elem = "make_timestamp(_t)"
			} else {
				elem = cast("row(make_timestamp(_t), "+field(a[0], "p")+")", s.TypeSQL(t))
			}
			return "list_transform(" + list + ", lambda _t: " + elem + ")"
		}), nil
	}
}
