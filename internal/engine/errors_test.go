package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestErrors(t *testing.T) {
	i := open(t, 0)
	for _, c := range []struct {
		sql  string
		code *trinoerr.Code
		msg  string
	}{
		{"SELECT error('TRINO:DIVISION_BY_ZERO:Division by zero')", trinoerr.DivisionByZero, "Division by zero"},
		{"SELECT error('TRINO:INVALID_CAST_ARGUMENT:Cannot cast ''a:b'' to INT')", trinoerr.InvalidCastArgument, "Cannot cast 'a:b' to INT"},
		{"SELECT CASE WHEN range = 3 THEN error('TRINO:NOT_SUPPORTED:three') ELSE range END FROM range(5)", trinoerr.NotSupported, "three"},
		{"SELECT error('TRINO:GENERIC_INTERNAL_ERROR:Empty key')", trinoerr.GenericInternalError, "Empty key"},
		{"SELECT error('TRINO:NO_SUCH_CODE:x')", trinoerr.InvalidFunctionArgument, "TRINO:NO_SUCH_CODE:x"},
		{"SELECT 2147483647 + 1::INT", trinoerr.NumericValueOutOfRange, "integer addition overflow: 2147483647 + 1"},
		{"SELECT sum(x)::BIGINT FROM (VALUES (9223372036854775807), (1)) t(x)", trinoerr.NumericValueOutOfRange, "bigint overflow: 9223372036854775808"},
		{"SELECT 'abc'::INT", trinoerr.InvalidCastArgument, "Could not convert string 'abc' to INT32"},
		{"SELECT 99999::DECIMAL(4, 2)", trinoerr.InvalidCastArgument, ""},
		{"SELECT (SELECT range FROM range(2))", trinoerr.SubqueryMultipleRows, "Scalar sub-query has returned multiple rows"},
		{"SELECT sqrt(-range) FROM range(3)", trinoerr.InvalidFunctionArgument, "cannot take square root of a negative number"},
		{"SELECT nosuch(1)", trinoerr.CompilerError, ""},
		{"SELEC", trinoerr.CompilerError, ""},
		{"SELECT * FROM read_parquet('/proc/self/fd/9999')", trinoerr.GenericInternalError, ""},
	} {
		run := map[string]func() error{
			"exec":  func() error { return i.Exec(context.Background(), c.sql) },
			"query": func() error { return i.QueryChunks(context.Background(), c.sql, func(*Chunk) error { return nil }) },
		}
		for how, f := range run {
			err := f()
			if err == nil {
				t.Errorf("%s %s: no error", how, c.sql)
				continue
			}
			if got := trinoerr.CodeOf(err); got != c.code {
				t.Errorf("%s %s: code %s, want %s (%v)", how, c.sql, got.Name, c.code.Name, err)
			}
			// What a function says it will say again; what happens to a file may pass.
			if got, want := trinoerr.From(err).Deterministic, strings.Contains(c.sql, "TRINO:GENERIC_INTERNAL_ERROR"); got != want {
				t.Errorf("%s %s: deterministic is %t", how, c.sql, got)
			}
			if c.msg != "" && err.Error() != c.msg {
				t.Errorf("%s %s: message %q, want %q", how, c.sql, err, c.msg)
			}
		}
	}
	if !i.Reusable(i.cfg) {
		t.Error("an ordinary error made the instance unusable")
	}
}
