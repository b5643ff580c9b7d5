package azure

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Codes that say that an object exists: which of them depends on the request.
var existing = []bloberror.Code{bloberror.BlobAlreadyExists, bloberror.ConditionNotMet, bloberror.TargetConditionNotMet}

// failed translates an error of the SDK. op says what was done, in the words of a sentence: "read an object". That a request is not
// allowed is not final: tokens are renewed, and roles take minutes to come into force.
func (s *Store) failed(ctx context.Context, err error, op string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case missing(err):
		return store.ErrNotFound
	case bloberror.HasCode(err, existing...):
		return store.ErrExists
	}
	translated := &trinoerr.Error{Code: trinoerr.GenericInternalError, Cause: err, Msg: fmt.Sprintf("%s in %s: %s", op, s.uri(), reason(err))}
	if after, throttled := throttled(err); throttled {
		return &store.ThrottledError{After: after, Err: translated}
	}
	return translated
}

// missing reports whether an object does not exist. A container that does not is another matter.
func missing(err error) bool { return bloberror.HasCode(err, bloberror.BlobNotFound, "PathNotFound") }

// answered is the server's answer in an error, nil when there was none.
func answered(err error) *azcore.ResponseError {
	e, _ := errors.AsType[*azcore.ResponseError](err)
	return e
}

// status is the HTTP status of an error's answer, 0 when there was none.
func status(err error) int {
	if e := answered(err); e != nil {
		return e.StatusCode
	}
	return 0
}

// reason is what the server said, or the error that kept its answer away.
func reason(err error) string {
	e := answered(err)
	if e == nil {
		return strings.Join(strings.Fields(err.Error()), " ") // that of credentials is a list of lines
	}
	text := e.ErrorCode
	if e.RawResponse == nil {
		return fmt.Sprintf("%s (HTTP status %d)", text, e.StatusCode)
	}
	if body, err := runtime.Payload(e.RawResponse); err == nil {
		text = strings.Join(slices.DeleteFunc([]string{text, said(body)}, func(s string) bool { return s == "" }), ": ")
	}
	text += fmt.Sprintf(" (HTTP status %d", e.StatusCode)
	if id := e.RawResponse.Header.Get("X-Ms-Request-Id"); id != "" {
		text += ", request " + id
	}
	return strings.TrimSpace(text + ")")
}

// maxDetail bounds the part of an error that may hold a whole request.
const maxDetail = 200

// said is the text in the body of an answer that is an error, without what it repeats of the headers.
func said(body []byte) string {
	var e struct {
		Message string
		Detail  string `xml:"AuthenticationErrorDetail"`
	}
	if xml.Unmarshal(body, &e) != nil {
		return ""
	}
	text, _, _ := strings.Cut(e.Message, "\n")
	if detail, _, _ := strings.Cut(strings.TrimSpace(e.Detail), "\n"); detail != "" {
		text += " " + detail[:min(len(detail), maxDetail)]
	}
	return strings.TrimSpace(text)
}

// throttled reports whether the server asks for fewer requests, and for how long it wants none.
func throttled(err error) (after time.Duration, yes bool) {
	e := answered(err)
	if e == nil || e.StatusCode != http.StatusServiceUnavailable && e.StatusCode != http.StatusTooManyRequests && !bloberror.HasCode(err, bloberror.ServerBusy) {
		return 0, false
	}
	if e.RawResponse != nil {
		after = transport.RetryAfter(e.RawResponse.Header, time.Now())
	}
	return after, true
}
