// Package compat holds what Trino 476 has next to what Waterbear has of it, function by function and statement by
// statement, and makes the pages of the documentation that say so.
//
// It knows the functions' entries and nothing of how they are computed. Functions compares Trino's list with package
// functions; Statements are examples, which the process tests run. Start with Page.
package compat

//go:generate go run ./reference ../../../docs
