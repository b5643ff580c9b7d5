package functions

// tableRowFunctions make the rows of the table function sequence(start, stop, step): lists of at most sequenceBlock places, and the
// numbers at the places from one of them on.
var tableRowFunctions = []Function{
	{Signature: "$sequence_blocks(bigint, bigint, bigint)", Returns: "array(bigint)", Hidden: true, CalledOnNull: true,
		SQL: "CASE WHEN $1 IS NULL THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Start is null'") +
			" WHEN $2 IS NULL THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Stop is null'") +
			" WHEN $3 IS NULL THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Step is null'") +
			" WHEN $1 < $2 AND $3 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Step must be positive for sequence [' || $1 || ', ' || $2 || ']'") +
			" WHEN $1 > $2 AND $3 >= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'Step must be negative for sequence [' || $1 || ', ' || $2 || ']'") +
			" ELSE range(0, " + sequenceLength + ", " + sequenceBlock + ") END"},
	{Signature: "$sequence_block(bigint, bigint, bigint, bigint)", Returns: "array(bigint)", Hidden: true,
		SQL: "list_transform(range($4, least($4 + " + sequenceBlock + ", " + sequenceLength + ")), lambda _i: CAST(CAST($1 AS HUGEINT) + CAST(_i AS HUGEINT) * $3 AS BIGINT))"},
}

const (
	sequenceBlock  = "65536"
	sequenceLength = "CAST(CASE WHEN $1 = $2 THEN 1 ELSE (CAST($2 AS HUGEINT) - CAST($1 AS HUGEINT)) // $3 + 1 END AS BIGINT)"
)
