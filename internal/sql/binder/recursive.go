package binder

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// recursiveQuery binds a definition that refers to itself; ok is false for one that does not.
func (b *binder) recursiveQuery(c *cte, w *ast.WithQuery, outer *scope) (ok bool, err error) {
	return false, nil
}
