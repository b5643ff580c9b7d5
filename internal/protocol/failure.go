package protocol

import (
	"errors"
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// errorJSON is the response's "error".
type errorJSON struct {
	Message   string        `json:"message"`
	ErrorCode int32         `json:"errorCode"`
	ErrorName string        `json:"errorName"`
	ErrorType string        `json:"errorType"`
	Location  *locationJSON `json:"errorLocation,omitempty"`
	Failure   *failureJSON  `json:"failureInfo,omitempty"`
}

type locationJSON struct {
	Line   int `json:"lineNumber"`
	Column int `json:"columnNumber"`
}

// failureJSON tells the error once more in the form of a Java exception, which the JDBC driver rebuilds from it. There
// is no stack: ours would tell the client nothing.
type failureJSON struct {
	Type       string         `json:"type"`
	Message    string         `json:"message"`
	Cause      *failureJSON   `json:"cause,omitempty"`
	Suppressed []failureJSON  `json:"suppressed"`
	Stack      []string       `json:"stack"`
	ErrorInfo  *errorInfoJSON `json:"errorInfo,omitempty"`
	Location   *locationJSON  `json:"errorLocation,omitempty"`
}

type errorInfoJSON struct {
	Code int32  `json:"code"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// renderError returns the value of the response's "error".
func renderError(e *trinoerr.Error) errorJSON {
	f := failure(e)
	return errorJSON{
		Message:   e.Error(),
		ErrorCode: e.Code.Number,
		ErrorName: e.Code.Name,
		ErrorType: e.Code.Type.String(),
		Location:  location(e.Pos),
		Failure:   &f,
	}
}

func location(p trinoerr.Position) *locationJSON {
	if p.Line == 0 {
		return nil
	}
	return &locationJSON{p.Line, p.Column}
}

func failure(err error) failureJSON {
	f := failureJSON{Type: fmt.Sprintf("%T", err), Message: err.Error(), Suppressed: []failureJSON{}, Stack: []string{}}
	if e, ok := err.(*trinoerr.Error); ok { //nolint:errorlint // each error of the chain is shown by itself
		f.Type = exceptionType(e.Code)
		f.ErrorInfo = errorInfo(e.Code)
		f.Location = location(e.Pos)
	}
	if cause := errors.Unwrap(err); cause != nil {
		c := failure(cause)
		f.Cause = &c
	}
	return f
}

// exceptionType names the Java class that clients may know an error by.
func exceptionType(c *trinoerr.Code) string {
	switch c {
	case trinoerr.SyntaxError:
		return "io.trino.sql.parser.ParsingException"
	case trinoerr.PermissionDenied:
		return "io.trino.spi.security.AccessDeniedException"
	}
	return "io.trino.spi.TrinoException"
}

func errorInfo(c *trinoerr.Code) *errorInfoJSON {
	return &errorInfoJSON{Code: c.Number, Name: c.Name, Type: c.Type.String()}
}
