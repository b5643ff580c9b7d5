package jdbc

import (
	"context"
	"errors"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// failed gives an error of the driver its identity. What has none is JDBC_ERROR, which is external: a query that may be retried is.
func (c *Connector) failed(err error) error {
	var known *trinoerr.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	code := c.dialect.Code(err)
	if code == nil {
		code = trinoerr.JdbcError
	}
	return &trinoerr.Error{Code: code, Msg: err.Error(), Cause: err, Deterministic: code == trinoerr.JdbcNonTransientError}
}
