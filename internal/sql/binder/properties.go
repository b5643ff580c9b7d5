package binder

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

func (b *binder) tableProperties(md connector.Metadata, catalog string, props []*ast.Property) (map[string]any, error) {
	return nil, nil
}
