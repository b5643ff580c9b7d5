package functions

// mathFunctions are the functions over numbers.
var mathFunctions = concat(
	[]Function{
		{Signature: "abs(bigint)", Returns: "bigint", SQL: "abs($1)"},
	},
)
