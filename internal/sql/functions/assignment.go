package functions

// assignmentFunctions are what INSERT puts around values that it stores.
var assignmentFunctions = []Function{
	// Of a text that is longer than its column only blanks may be cut off; $3 is the message when it is more.
	{Signature: "$truncate(varchar, bigint, varchar)", Returns: "varchar", Hidden: true,
		SQL: "CASE WHEN length(rtrim($1, ' ')) > $2 THEN " + raise("INVALID_CAST_ARGUMENT", "$3") + " ELSE left($1, $2) END"},

	{Signature: "$not_null(T, varchar)", Vars: "T", Returns: "T", Hidden: true, CalledOnNull: true,
		SQL: "CASE WHEN $1 IS NULL THEN " + raise("CONSTRAINT_VIOLATION", "$2") + " ELSE $1 END"},
}

// subqueryFunctions are what the unnesting of subqueries leaves behind.
var subqueryFunctions = []Function{
	// The value of a scalar subquery, given how many rows it has.
	{Signature: "$at_most_one_row(T, bigint)", Vars: "T", Returns: "T", Hidden: true, CalledOnNull: true,
		SQL: "CASE WHEN $2 > 1 THEN " + raise("SUBQUERY_MULTIPLE_ROWS", "'Scalar sub-query has returned multiple rows'") + " ELSE $1 END"},
}
