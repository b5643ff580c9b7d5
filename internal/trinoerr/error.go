// Package trinoerr holds Trino's error codes and the one error type that crosses package borders on the
// query path: it carries what the client protocol shows and what the retry policy needs to know.
//
// It knows nothing of where errors come from; each package translates foreign errors where they enter.
package trinoerr

import (
	"errors"
	"fmt"
)

// Type is one of Trino's four classes of errors.
type Type uint8

// The classes. UserError is never retried.
const (
	UserError Type = iota
	InternalError
	InsufficientResources
	External
)

// String returns the name that the client protocol uses.
func (t Type) String() string {
	return [...]string{"USER_ERROR", "INTERNAL_ERROR", "INSUFFICIENT_RESOURCES", "EXTERNAL"}[t]
}

// Code is the identity of an error: Trino's name, number and type. Codes are declared in codes.go and compared
// by pointer.
type Code struct {
	Name   string
	Number int32
	Type   Type
	// Fatal codes are never retried although their type would allow it.
	Fatal bool
}

// Position is a 1-based line and column in the statement's text; the zero value means "not tied to the text".
type Position struct {
	Line, Column int
}

// Error is an error with a Trino identity. Everything that reaches a client or the scheduler is one.
type Error struct {
	Code  *Code
	Msg   string   // Trino's wording where Trino has one, without the "line x:y: " prefix
	Pos   Position // zero when not tied to the text
	Cause error    // wrapped; may be nil
	// Deterministic says that the error comes again wherever the task runs, although its code leaves that open.
	Deterministic bool
}

// New returns an error with the given code and message.
func New(code *Code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// At returns an error tied to a position in the statement.
func At(pos Position, code *Code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...), Pos: pos}
}

// Wrap gives a foreign error a Trino identity. A nil cause gives nil; a cause that already has an identity keeps it.
func Wrap(cause error, code *Code, format string, args ...any) error {
	if cause == nil {
		return nil
	}
	if _, ok := errors.AsType[*Error](cause); ok {
		return cause
	}
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...) + ": " + cause.Error(), Cause: cause}
}

// Error returns the message as Trino shows it: "line 1:8: Column 'x' cannot be resolved".
func (e *Error) Error() string {
	if e.Pos.Line > 0 {
		return fmt.Sprintf("line %d:%d: %s", e.Pos.Line, e.Pos.Column, e.Msg)
	}
	return e.Msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// From returns err as an *Error; one without an identity counts as GENERIC_INTERNAL_ERROR. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Code: GenericInternalError, Msg: err.Error(), Cause: err}
}

// CodeOf returns the code of err; GENERIC_INTERNAL_ERROR when it has none.
func CodeOf(err error) *Code { return From(err).Code }

// Retryable reports whether another attempt may succeed: not a user error, not marked fatal, not deterministic.
func Retryable(err error) bool {
	e := From(err)
	return e.Code.Type != UserError && !e.Code.Fatal && !e.Deterministic
}

// OutOfMemory reports whether the attempt ran out of memory, so that the next one needs a larger estimate.
func OutOfMemory(err error) bool {
	switch CodeOf(err) {
	case ExceededLocalMemoryLimit, ExceededGlobalMemoryLimit, ClusterOutOfMemory:
		return true
	}
	return false
}
