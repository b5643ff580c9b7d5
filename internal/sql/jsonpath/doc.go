// Package jsonpath is the SQL/JSON path language: the texts such as 'lax $.items[*] ? (@.price > $limit)' that JSON_VALUE
// and its like evaluate. Parse makes a tree of a text, Check finds what is wrong with a tree before it is evaluated, and
// Path.Evaluate applies it to a JSON document. The rules are those of ISO/IEC 9075-2:2016, 9.39, and of Trino where the
// standard leaves a choice.
//
// The package knows SQL types and values but no SQL: what becomes of the items that a path finds is the business of package
// sqljson. Start with Path and Item.
package jsonpath
