package mongodb

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// failed gives an error of the driver an identity: Trino's for all of them is GENERIC_INTERNAL_ERROR, which is tried again.
func failed(err error, format string, args ...any) error {
	var known *trinoerr.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return trinoerr.Wrap(err, trinoerr.GenericInternalError, format, args...)
}

// namespaceExists is the server's code for a collection that is there already.
const namespaceExists = 48

func exists(err error) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && server.HasErrorCode(namespaceExists)
}
