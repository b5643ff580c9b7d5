package rpc

import (
	"errors"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// FailureOf turns an error into its message form.
func FailureOf(err error) *rpcv1.Failure {
	e := trinoerr.From(err)
	f := &rpcv1.Failure{Code: e.Code.Name, Message: e.Msg, Deterministic: e.Deterministic}
	if lost, ok := errors.AsType[*exchange.LostError](err); ok {
		f.LostOutput = lost.Producer
	}
	return f
}

// ErrorOf turns a failure back into an error.
func ErrorOf(f *rpcv1.Failure) *trinoerr.Error {
	code := trinoerr.ByName(f.GetCode())
	if code == nil {
		code = trinoerr.GenericInternalError
	}
	return &trinoerr.Error{Code: code, Msg: f.GetMessage(), Deterministic: f.GetDeterministic()}
}
