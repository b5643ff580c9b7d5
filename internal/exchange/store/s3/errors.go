package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Codes of errors that mean something to this package. Answers without a body carry their status in words instead.
const (
	codeNoSuchKey    = "NoSuchKey"
	codeNotFound     = "NotFound"
	codeNoSuchUpload = "NoSuchUpload"
	codeInvalidRange = "InvalidRange"
	codeExists       = "PreconditionFailed"
	codeConflict     = "ConditionalRequestConflict" // another conditional write of the key is under way
)

// expired are the codes that say that temporary credentials are no more: whoever gave them has others by now, or will.
var expired = []string{"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"}

// failed translates an error of the SDK. op says what was done, in the words of a sentence: "read", "list".
func (s *Store) failed(ctx context.Context, err error, op string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	switch code(err) {
	case codeNoSuchKey, codeNotFound:
		return store.ErrNotFound
	case codeExists:
		return store.ErrExists
	}
	if slices.Contains(expired, code(err)) {
		s.client.renew()
	}
	translated := &trinoerr.Error{Code: trinoerr.GenericInternalError, Cause: err,
		Msg: fmt.Sprintf("%s in s3://%s/%s: %s", op, s.bucket, s.prefix, reason(err))}
	if after, throttled := throttled(err); throttled {
		return &store.ThrottledError{After: after, Err: translated}
	}
	return translated
}

// code is the server's name for an error, empty when it did not come from the server.
func code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// status is the HTTP status of an error's answer, 0 when there was none.
func status(err error) int {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return e.HTTPStatusCode()
	}
	return 0
}

// reason is what the server said, or the error that kept its answer away.
func reason(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		if e, ok := errors.AsType[*retry.MaxAttemptsError](err); ok {
			return e.Err.Error()
		}
		if op, ok := errors.AsType[*smithy.OperationError](err); ok {
			return op.Err.Error()
		}
		return err.Error()
	}
	text := api.ErrorCode()
	if m := api.ErrorMessage(); m != "" && m != text && m != "UnknownError" { // the SDK's word for none
		text += ": " + m
	}
	if n := status(err); n != 0 {
		text += fmt.Sprintf(" (HTTP status %d", n)
		if id := requestID(err); id != "" {
			text += ", request " + id
		}
		text += ")"
	}
	return text
}

func requestID(err error) string {
	e, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](err)
	if !ok {
		return ""
	}
	return e.ServiceRequestID()
}

// throttled reports whether the server asks for fewer requests, and for how long it wants none.
func throttled(err error) (after time.Duration, yes bool) {
	n := status(err)
	_, named := retry.DefaultThrottleErrorCodes[code(err)]
	if n != http.StatusServiceUnavailable && n != http.StatusTooManyRequests && !named && code(err) != "SlowDown" {
		return 0, false
	}
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && e.Response != nil && e.Response.Response != nil {
		after = transport.RetryAfter(e.Response.Header, time.Now())
	}
	return after, true
}
