package ducktest

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/sql/binder"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// noCatalogs is a server without tables.
type noCatalogs struct{}

func (noCatalogs) Names() []string                    { return nil }
func (noCatalogs) Metadata(string) connector.Metadata { return nil }

func bind(sql string) (*plan.Output, error) {
	stmt, err := parser.ParseStatement(sql)
	if err != nil {
		return nil, err
	}
	b, err := binder.Bind(context.Background(), stmt, binder.Env{SQL: sql, Catalogs: noCatalogs{},
		Session: binder.Session{User: "test", Now: time.Unix(1_700_000_000, 0)}})
	if err != nil {
		return nil, err
	}
	return b.(*binder.Query).Plan, nil
}

// TestExpressions computes expressions and compares their types and texts.
func TestExpressions(t *testing.T) {
	i, err := engine.Open(context.Background(), engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	answer := func(t *testing.T, d *datadriven.TestData) string {
		p, err := bind("SELECT " + d.Input)
		if err != nil {
			return trinoerr.CodeOf(err).Name + "\n"
		}
		typ := p.Symbols[0].Type
		value, err := value(i, textOf(d.Input, typ))
		if err != nil {
			return trinoerr.CodeOf(err).Name + "\n"
		}
		return typ.ProtocolName() + ": " + value + "\n"
	}
	for _, file := range []string{"testdata/expressions.txt", "testdata/queries.txt"} {
		datadriven.RunTest(t, file, answer)
	}
}

// textOf is an expression's value as a varchar.
func textOf(expr string, t types.Type) string {
	switch t.Kind {
	case types.Array, types.Map, types.Row:
		return "json_format(CAST(" + expr + " AS json))"
	case types.Varbinary:
		return "to_hex(" + expr + ")"
	case types.JSON:
		return "json_format(" + expr + ")"
	case types.Varchar:
		return expr
	}
	return "CAST(" + expr + " AS varchar)"
}

func value(i *engine.Instance, expr string) (string, error) {
	p, err := bind("SELECT " + expr)
	if err != nil {
		return "", err
	}
	st, err := duck.Lower(p, duck.Options{})
	if err != nil {
		return "", err
	}
	text := ""
	err = i.QueryChunks(context.Background(), st.SQL, func(c *engine.Chunk) error {
		text = "NULL"
		if !c.Columns[0].IsNull(0) {
			text = string(c.Columns[0].Bytes(0))
		}
		return nil
	})
	return text, err
}
