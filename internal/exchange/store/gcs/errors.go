package gcs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// failed translates an error of the SDK. op says what was done, in the words of a sentence: "read", "list".
func (s *Store) failed(ctx context.Context, err error, op string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case missing(err):
		return store.ErrNotFound
	case status(err) == http.StatusPreconditionFailed:
		return store.ErrExists
	}
	translated := &trinoerr.Error{Code: trinoerr.GenericInternalError, Cause: err,
		Msg: fmt.Sprintf("%s in gs://%s/%s: %s", op, s.bucket, s.prefix, reason(err))}
	if after, throttled := throttled(err); throttled {
		return &store.ThrottledError{After: after, Err: translated}
	}
	if nobody(err) {
		return &store.FinalError{Err: translated}
	}
	return translated
}

// answerOf is what the server said, nil when the error did not come from it. The SDK leaves the answers to reads as they came.
func answerOf(err error) *googleapi.Error {
	e, _ := errors.AsType[*googleapi.Error](err)
	if e == nil || e.Message != "" {
		return e
	}
	var body struct{ Error *googleapi.Error }
	if json.Unmarshal([]byte(e.Body), &body) != nil || body.Error == nil {
		return e
	}
	read := *e
	read.Message, read.Errors = body.Error.Message, body.Error.Errors
	return &read
}

// status is the HTTP status of an error's answer, 0 when there was none.
func status(err error) int {
	if e := answerOf(err); e != nil {
		return e.Code
	}
	if e, ok := errors.AsType[*auth.Error](err); ok && e.Response != nil {
		return e.Response.StatusCode
	}
	return 0
}

// missing reports whether an object does not exist. That its bucket does not is something else: it can come back.
func missing(err error) bool {
	e := answerOf(err)
	switch {
	case e == nil:
		return errors.Is(err, storage.ErrObjectNotExist)
	case errors.Is(err, storage.ErrBucketNotExist), strings.Contains(strings.ToLower(e.Message+e.Body), "bucket does not exist"):
		return false
	}
	return e.Code == http.StatusNotFound
}

// throttled reports whether the server asks for fewer requests, and for how long it wants none. Quotas of projects are
// exceeded with a status that otherwise is about permissions.
func throttled(err error) (after time.Duration, yes bool) {
	e := answerOf(err)
	if e == nil {
		return 0, false
	}
	switch e.Code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		yes = true
	case http.StatusForbidden:
		for _, item := range e.Errors {
			yes = yes || strings.HasSuffix(strings.ToLower(item.Reason), "ratelimitexceeded")
		}
	}
	if !yes {
		return 0, false
	}
	return transport.RetryAfter(e.Header, time.Now()), true
}

// refused reports whether the server does not let us. That may change: tokens are renewed, and roles take minutes to come into force.
func refused(err error) bool {
	if _, throttled := throttled(err); throttled {
		return false
	}
	n := status(err)
	return n == http.StatusUnauthorized || n == http.StatusForbidden || nobody(err)
}

// nobody reports whether who gives tokens does not know the credentials. That does not change.
func nobody(err error) bool {
	if answerOf(err) != nil {
		return false
	}
	switch status(err) {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// longestBody is how much is shown of an answer that is not in the form of the interface's errors.
const longestBody = 200

// reason is what the server said, or the error that kept its answer away.
func reason(err error) string {
	e := answerOf(err)
	if e == nil {
		return err.Error()
	}
	text := strings.TrimSpace(e.Message)
	if text == "" {
		text = strings.TrimSpace(e.Body)
	}
	if len(text) > longestBody {
		text = text[:longestBody] + "…"
	}
	if text == "" {
		text = http.StatusText(e.Code)
	}
	text = strings.TrimSuffix(text, ".") + fmt.Sprintf(" (HTTP status %d", e.Code)
	if id := e.Header.Get("X-Guploader-Uploadid"); id != "" {
		text += ", request " + id
	}
	return text + ")"
}
