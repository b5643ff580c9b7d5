package bigquery

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/api/googleapi"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// failed gives an error of the client an identity.
func failed(err error, code *trinoerr.Code, format string, args ...any) error {
	var known *trinoerr.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return trinoerr.Wrap(err, code, format, args...)
}

func hasStatus(err error, status int) bool {
	var api *googleapi.Error
	return errors.As(err, &api) && api.Code == status
}

func notFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// exists says that what was to be made is there already.
func exists(err error) bool { return hasStatus(err, http.StatusConflict) }
