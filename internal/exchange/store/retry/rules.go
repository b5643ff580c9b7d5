package retry

import (
	"errors"
	"io"
	"io/fs"
	"syscall"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Rule is a row of the table that failed requests are judged by.
type Rule struct {
	// Errors says which errors the row is for.
	Errors string
	// Tries is how often such a request is made without getting on, before its error is final. Zero: as often as the
	// time allows.
	Tries int
	// Calm says that no other request is made either for a while.
	Calm bool

	applies func(error) bool
}

// Rules is the table. The first row that applies counts; one always does. Storages and SDKs call final what is not, a
// status 400 above all, so that a failure that nobody knows is repeated.
var Rules = []Rule{
	{Errors: "the object does not exist", Tries: 1, applies: is(store.ErrNotFound)},
	{Errors: "the object exists already", Tries: 1, applies: is(store.ErrExists)},
	{Errors: "the driver says that it is final", Tries: 1, applies: as[*store.FinalError]},
	{Errors: "the storage is asked too often", Calm: true, applies: as[*store.ThrottledError]},
	{Errors: "fewer bytes than there should be: the answer was cut off, or the object is", Tries: 3, applies: is(io.ErrUnexpectedEOF)},
	{Errors: "the file system does not allow it", Tries: 1,
		applies: is(fs.ErrPermission, syscall.EROFS, syscall.ENAMETOOLONG, syscall.EISDIR, errors.ErrUnsupported)},
	{Errors: "`USER_ERROR`, and errors that are fatal by their code or deterministic", Tries: 1,
		applies: func(err error) bool { return !trinoerr.Retryable(err) }},
	{Errors: "`INSUFFICIENT_RESOURCES`: the disk is full, too many files are open", Tries: 1,
		applies: func(err error) bool { return trinoerr.CodeOf(err).Type == trinoerr.InsufficientResources }},
	{Errors: "all others: connections that break, requests that hang, any answer of a server that is an error",
		applies: func(error) bool { return true }},
}

// ruleOf returns the row for an error.
func ruleOf(err error) *Rule {
	for i := range Rules {
		if Rules[i].applies(err) {
			return &Rules[i]
		}
	}
	return &Rules[len(Rules)-1]
}

// Final reports whether a request that failed so is not to be repeated.
func Final(err error) bool { return ruleOf(err).Tries == 1 }

func is(targets ...error) func(error) bool {
	return func(err error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
