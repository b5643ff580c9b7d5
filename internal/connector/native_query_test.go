package connector

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// A procedure and a function get their text; NULL is refused, each with its code.
func TestNativeQuery(t *testing.T) {
	got := ""
	p := ExecuteProcedure(func(_ context.Context, text string) error { got += "ran " + text; return nil })
	f := QueryFunction(func(_ context.Context, text string) (*Table, error) { got += ", asked " + text; return &Table{}, nil })
	if err := p.Run(t.Context(), []any{"a"}); err != nil {
		t.Error(err)
	}
	if table, err := f.Table(t.Context(), []any{"b"}); err != nil || table == nil {
		t.Error(table, err)
	}
	if got != "ran a, asked b" || p.Name.String() != "system.execute" || f.Name.String() != "system.query" {
		t.Errorf("%s; %v, %v", got, p.Name, f.Name)
	}
	if err := p.Run(t.Context(), []any{nil}); trinoerr.CodeOf(err) != trinoerr.InvalidProcedureArgument {
		t.Errorf("NULL for the procedure: %v", err)
	}
	if _, err := f.Table(t.Context(), []any{nil}); trinoerr.CodeOf(err) != trinoerr.InvalidFunctionArgument {
		t.Errorf("NULL for the function: %v", err)
	}
}
