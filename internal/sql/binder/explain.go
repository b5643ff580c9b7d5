package binder

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// explain binds EXPLAIN. The statement is bound too, so that its errors are found.
func (b *binder) explain(s *ast.Explain) (Bound, error) {
	out := &Explain{Type: "DISTRIBUTED", Format: "TEXT"}
	seen := map[string]bool{}
	for _, o := range s.Options {
		if seen[o.Name] {
			return nil, errAt(s, trinoerr.InvalidArguments, "Duplicate EXPLAIN option: %s", o.Name)
		}
		seen[o.Name] = true
		switch o.Name {
		case "TYPE":
			out.Type = o.Value
		case "FORMAT":
			out.Format = o.Value
		}
	}
	inner, err := b.statement(s.Statement)
	if err != nil {
		return nil, err
	}
	if out.Type == "VALIDATE" {
		return b.isTrue("Valid"), nil
	}
	out.Statement = inner
	return out, nil
}

// explainAnalyze binds EXPLAIN ANALYZE, which runs the statement.
func (b *binder) explainAnalyze(s *ast.ExplainAnalyze) (Bound, error) {
	inner, err := b.statement(s.Statement)
	if err != nil {
		return nil, err
	}
	if _, ok := inner.(*Query); !ok {
		return nil, trinoerr.New(trinoerr.NotSupported, "EXPLAIN ANALYZE doesn't support statement type: %s", inner.UpdateType())
	}
	return &Explain{Statement: inner, Analyze: true, Verbose: s.Verbose, Type: "DISTRIBUTED", Format: "TEXT"}, nil
}
