package binder

import (
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// informationSchema is the schema that every catalog has.
const informationSchema = "information_schema"

type infoTable struct{}

func (b *binder) informationSchema(t *ast.Table, name objectName) (*relation, error) { return nil, nil }

func (b *binder) fillInformationSchema(out *plan.Output) error { return nil }
