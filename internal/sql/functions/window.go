package functions

// windowFunctions are the functions that need OVER. "f{$1}" stands for the call with its window; IGNORE NULLS is written
// inside the braces' parentheses.
var windowFunctions = []Function{
	{Signature: "row_number()", Returns: "bigint", Kind: Window, SQL: "row_number{}"},
	{Signature: "rank()", Returns: "bigint", Kind: Window, SQL: "rank{}"},
	{Signature: "dense_rank()", Returns: "bigint", Kind: Window, SQL: "dense_rank{}"},
	{Signature: "percent_rank()", Returns: "double", Kind: Window, SQL: "percent_rank{}"},
	{Signature: "cume_dist()", Returns: "double", Kind: Window, SQL: "cume_dist{}"},
	{Signature: "ntile(bigint)", Returns: "bigint", Kind: Window, SQL: "ntile{$1}"},
	{Signature: "first_value(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "first_value{$1}"},
	{Signature: "last_value(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "last_value{$1}"},
	{Signature: "nth_value(T, bigint)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "nth_value{$1, $2}"},
	{Signature: "lag(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lag{$1}"},
	{Signature: "lag(T, bigint)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lag{$1, $2}"},
	{Signature: "lag(T, bigint, T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lag{$1, $2, $3}"},
	{Signature: "lead(T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lead{$1}"},
	{Signature: "lead(T, bigint)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lead{$1, $2}"},
	{Signature: "lead(T, bigint, T)", Vars: "T", Returns: "T", Kind: Window, CalledOnNull: true, SQL: "lead{$1, $2, $3}"},
}
