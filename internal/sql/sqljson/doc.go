// Package sqljson computes the SQL/JSON constructs: JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_TABLE, JSON_OBJECT and
// JSON_ARRAY. What a statement says about one (its path, parameters, behaviors) is a description, such as Value, that
// travels as text within SQL; what differs from row to row are texts beside it, NULL being nil. A description is parsed
// once, by the function that its Prepare gives.
//
// The package knows the path language (package jsonpath) and no plans: the binder writes descriptions, and native functions
// apply them. Start with Invocation and Value.
package sqljson
