package functions

const docRandom = "Returns a random number: from 0 below 1, or a whole one from 0, or from the first argument, below the last one."

// randomFunctions give random numbers.
var randomFunctions = concat(
	[]Function{
		{Signature: "random()", Returns: "double", Nondeterministic: true, SQL: "random()", Doc: docRandom, Examples: [][2]string{{"random() < 1", "true"}}},
		{Signature: "rand()", Returns: "double", Nondeterministic: true, SQL: "random()", Doc: docRandom, Examples: [][2]string{{"rand() >= 0", "true"}}},
	},
	perType(integers,
		Function{Signature: "random(T)", Returns: "T", Nondeterministic: true, SQL: randomBelow, Doc: docRandom, Examples: [][2]string{{"random(1)", "0"}}},
		Function{Signature: "rand(T)", Returns: "T", Nondeterministic: true, SQL: randomBelow, Doc: docRandom, Examples: [][2]string{{"rand(10) < 10", "true"}}},
		Function{Signature: "random(T, T)", Returns: "T", Nondeterministic: true, SQL: randomBetween, Doc: docRandom, Examples: [][2]string{{"random(5, 6)", "5"}}},
		Function{Signature: "rand(T, T)", Returns: "T", Nondeterministic: true, SQL: randomBetween, Doc: docRandom, Examples: [][2]string{{"rand(-3, -2)", "-3"}}},
	),
)

// The width of a range may be larger than its type.
var (
	randomBelow = "CASE WHEN $1 <= 0 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'bound must be positive'") +
		" ELSE CAST(floor(random() * $1) AS $r) END"
	randomBetween = "CASE WHEN $1 >= $2 THEN " + raise("INVALID_FUNCTION_ARGUMENT", "'start value must be less than stop value'") +
		" ELSE CAST(CAST(floor(random() * (CAST($2 AS DOUBLE) - CAST($1 AS DOUBLE))) AS HUGEINT) + $1 AS $r) END"
)
