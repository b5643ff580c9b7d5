package engine

import (
	"errors"
	"strings"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Raise is the prefix of messages with which a statement raises an error of its own, through DuckDB's error function:
//
//	error('TRINO:DIVISION_BY_ZERO:Division by zero')
//
// It becomes an error with that Trino code and message, whatever DuckDB puts around it. What a function says of its
// arguments it will say again: an internal error of that kind counts as deterministic.
const Raise = "TRINO:"

// errInterrupted is the cause of errors that DuckDB reports for interrupted statements.
var errInterrupted = errors.New("statement interrupted")

// class is one row of the translation of DuckDB's errors.
type class struct {
	kind    duckdb.ErrorType
	prefix  string // DuckDB's name of the class, with which its messages begin
	code    *trinoerr.Code
	special []special // by what the message contains; the first that matches wins
}

type special struct {
	contains string
	code     *trinoerr.Code
	msg      string // replaces the message unless empty
}

// outOfDisk are messages of the classes IO and Out of Memory when the scratch directory is full.
var outOfDisk = []special{
	{"max_temp_directory_size", trinoerr.ExceededSpillLimit, ""},
	{"No space left on device", trinoerr.GenericInsufficientResources, ""},
	{"Disk quota exceeded", trinoerr.GenericInsufficientResources, ""},
	{"Too many open files", trinoerr.GenericInsufficientResources, ""},
	{"Cannot allocate memory", trinoerr.ExceededLocalMemoryLimit, ""},
}

// tooDeep is the message about expressions that DuckDB's stack might not hold.
var tooDeep = []special{
	{"Max expression depth limit", trinoerr.StackOverflow, "statement is too large (stack overflow during analysis)"},
}

// classes translates DuckDB's error classes. That generated SQL is wrong is a COMPILER_ERROR: it fails the same way wherever
// it runs, so that it is not tried again. Classes that are not listed say that DuckDB is wrong: they become
// GENERIC_INTERNAL_ERROR.
var classes = []class{
	{duckdb.ErrorTypeOutOfMemory, "Out of Memory Error", trinoerr.ExceededLocalMemoryLimit, outOfDisk},
	{duckdb.ErrorTypeDivideByZero, "Divide by Zero Error", trinoerr.DivisionByZero, nil},
	{duckdb.ErrorTypeOutOfRange, "Out of Range Error", trinoerr.NumericValueOutOfRange, []special{
		{"Division by zero", trinoerr.DivisionByZero, "Division by zero"},
		{"out of range of supported", trinoerr.InvalidCastArgument, ""},
		{"cannot take", trinoerr.InvalidFunctionArgument, ""},
	}},
	{duckdb.ErrorTypeConversion, "Conversion Error", trinoerr.InvalidCastArgument, []special{
		{"Type INT128 with value", trinoerr.NumericValueOutOfRange, ""}, // a sum that is cast back to its type
	}},
	{duckdb.ErrorTypeInvalidInput, "Invalid Input Error", trinoerr.InvalidFunctionArgument, []special{
		{"More than one row returned by a subquery", trinoerr.SubqueryMultipleRows,
			"Scalar sub-query has returned multiple rows"},
		{"No magic bytes found", trinoerr.GenericInternalError, ""},
	}},
	{duckdb.ErrorTypeErrorIO, "IO Error", trinoerr.GenericInternalError, outOfDisk},
	{duckdb.ErrorTypeParser, "Parser Error", trinoerr.CompilerError, tooDeep},
	{duckdb.ErrorTypeSyntax, "Syntax Error", trinoerr.CompilerError, nil},
	{duckdb.ErrorTypeBinder, "Binder Error", trinoerr.CompilerError, tooDeep},
	{duckdb.ErrorTypeCatalog, "Catalog Error", trinoerr.CompilerError, nil},
	{duckdb.ErrorTypeNotImplemented, "Not implemented Error", trinoerr.CompilerError, nil},
	{duckdb.ErrorTypeObjectSize, "Object Size Error", trinoerr.NumericValueOutOfRange, nil},
}

// fatal are the classes after which an instance must not be used again.
var fatal = []class{
	{duckdb.ErrorTypeFatal, "FATAL Error", trinoerr.GenericInternalError, nil},
	{duckdb.ErrorTypeInternal, "INTERNAL Error", trinoerr.GenericInternalError, nil},
}

// classify translates a DuckDB error. broken says that the instance must not be used again. The kind may be
// ErrorTypeInvalid when DuckDB gave only a message; the message's prefix names the class then.
func classify(kind duckdb.ErrorType, msg string) (broken bool, err error) {
	is := func(c class) bool {
		return kind == c.kind || kind == duckdb.ErrorTypeInvalid && strings.HasPrefix(msg, c.prefix)
	}
	if is(class{kind: duckdb.ErrorTypeInterrupt, prefix: "INTERRUPT Error"}) {
		return false, errInterrupted
	}
	if err := raised(msg); err != nil {
		return false, err
	}
	for _, c := range fatal {
		if is(c) {
			return true, trinoerr.New(c.code, "%s", msg)
		}
	}
	for _, c := range classes {
		if !is(c) {
			continue
		}
		text := trinoOverflow(brief(msg, c.prefix))
		for _, s := range c.special {
			if !strings.Contains(msg, s.contains) {
				continue
			}
			if s.msg != "" {
				text = s.msg
			}
			return false, trinoerr.New(s.code, "%s", text)
		}
		return false, trinoerr.New(c.code, "%s", text)
	}
	return false, trinoerr.New(trinoerr.GenericInternalError, "%s", msg)
}

// raised returns the error that a statement raised itself, if it did.
func raised(msg string) error {
	_, rest, found := strings.Cut(msg, Raise)
	if !found {
		return nil
	}
	name, text, found := strings.Cut(rest, ":")
	if !found {
		return nil
	}
	code := trinoerr.ByName(name)
	if code == nil {
		return nil
	}
	return &trinoerr.Error{Code: code, Msg: text, Deterministic: code.Type == trinoerr.InternalError}
}

// brief strips the class and the excerpt of the generated SQL that DuckDB adds: neither means anything to a user.
func brief(msg, prefix string) string {
	msg = strings.TrimPrefix(strings.TrimPrefix(msg, prefix), ": ")
	msg, _, _ = strings.Cut(msg, "\n\nLINE ")
	return strings.TrimSpace(msg)
}
