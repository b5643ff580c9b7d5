package functions

// constructFunctions are what the SQL/JSON constructs become: the binder calls them with a description of the construct
// and the texts of all values, see package sqljson.
var constructFunctions = []Function{
	{Signature: "$json_exists(varchar, varchar, array(varchar))", Returns: "boolean", SQL: "wb_json_exists($1, $2, $3)", Hidden: true},
	{Signature: "$json_value(varchar, varchar, array(varchar))", Returns: "varchar", SQL: "wb_json_value($1, $2, $3)", Hidden: true},
	{Signature: "$json_query(varchar, varchar, array(varchar))", Returns: "varchar", SQL: "wb_json_query($1, $2, $3)", Hidden: true},
	{Signature: "$json_table(varchar, varchar, array(varchar))", Returns: "array(varchar)", SQL: "wb_json_table($1, $2, $3)", Hidden: true},
	{Signature: "$json_object(varchar, array(varchar), array(varchar))", Returns: "varchar", SQL: "wb_json_object($1, $2, $3)", Hidden: true},
	{Signature: "$json_array(varchar, array(varchar))", Returns: "varchar", SQL: "wb_json_array($1, $2)", Hidden: true},
	// The columns of a row of JSON_TABLE, and one of them.
	{Signature: "$json_cells(varchar)", Returns: "array(varchar)", SQL: "wb_json_texts($1)", Hidden: true},
	{Signature: "$json_cell(array(varchar), bigint)", Returns: "varchar", SQL: "$1[$2]", Hidden: true},
	// Text that is cast without being parsed first.
	{Signature: "$raw_json(varchar(x))", Returns: "json", SQL: "$1", Hidden: true},
	// Text in units of 8, 16 or 32 bits.
	{Signature: "$encode_unicode(varchar, bigint)", Returns: "varbinary", SQL: "wb_encode_unicode($1, $2)", Hidden: true},
	{Signature: "$decode_unicode(varbinary, bigint)", Returns: "varchar", SQL: "wb_decode_unicode($1, $2)", Hidden: true},
}
