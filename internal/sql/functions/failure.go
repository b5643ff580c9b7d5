package functions

// failureFunctions raise errors. Statements may call them, but they are not listed.
var failureFunctions = []Function{
	{Signature: "fail(varchar)", Returns: "unknown", SQL: "wb_raise('GENERIC_USER_ERROR', $1)", Hidden: true,
		Doc: "Fails with a message."},
	{Signature: "fail(integer, varchar)", Returns: "unknown", SQL: "wb_fail_with($1, $2)", Hidden: true,
		Doc: "Fails with the error code of a number and a message."},
	{Signature: "fail(json)", Returns: "unknown", SQL: "wb_fail_as($1)", Hidden: true,
		Doc: "Fails with the message of a described failure."},
}
