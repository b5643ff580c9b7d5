package functions

// keyFilterFunctions tell whether a value may be one of those that a filter was made of, for scans that are joined with what a
// finished stage has put out. There is one for each kind of value that filters are made of.
var keyFilterFunctions = []Function{
	{Signature: "$may_be_key(bigint, varbinary)", Returns: "boolean", Hidden: true, SQL: "waterbear_may_be_integer($1, $2)"},
	{Signature: "$may_be_key(date, varbinary)", Returns: "boolean", Hidden: true, SQL: "waterbear_may_be_integer($1 - DATE '1970-01-01', $2)"},
	{Signature: "$may_be_key(varchar, varbinary)", Returns: "boolean", Hidden: true, SQL: "waterbear_may_be_text($1, $2)"},
}
