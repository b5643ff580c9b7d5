package functions

// routineFunctions are what the bodies of SQL routines are made of.
var routineFunctions = []Function{
	// A value under a name: the function is applied to it.
	{Signature: "$let(T, function(T,R))", Vars: "T, R", Returns: "R", Hidden: true, CalledOnNull: true,
		SQL: "list_transform([CAST($1 AS $t1)], $2)[1]"},
	// A state after a number of rounds. The function's arguments are the state, a value that means nothing, and the number of
	// the round, from 1.
	{Signature: "$rounds(S, bigint, function(S,S,bigint,S))", Vars: "S", Returns: "S", Hidden: true, CalledOnNull: true,
		SQL: "list_reduce(list_resize(CAST([] AS $t1[]), $2), $3, $1)"},
	// Two to the power of one less than a number.
	{Signature: "$doubled(bigint)", Returns: "bigint", Hidden: true, SQL: "(CAST(1 AS BIGINT) << CAST($1 - 1 AS INTEGER))"},
	{Signature: "$endless(T)", Vars: "T", Returns: "T", Hidden: true, CalledOnNull: true,
		SQL: "CASE WHEN $1 IS NULL THEN " + raise("NOT_SUPPORTED", "'A loop of a function takes too many rounds'") + " END"},
}
