package binder

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// role answers the statements that manage roles: there are none, and none can be made.
func (b *binder) role(stmt ast.Statement) (Bound, bool, error) {
	var catalog, name *ast.Identifier
	ifExists := false
	switch s := stmt.(type) {
	case *ast.CreateRole:
		catalog = s.Catalog
	case *ast.DropRole:
		catalog, name, ifExists = s.Catalog, s.Name, s.IfExists
	case *ast.GrantRoles:
		catalog, name = s.Catalog, s.Roles[0]
	case *ast.RevokeRoles:
		catalog, name = s.Catalog, s.Roles[0]
	default:
		return nil, false, nil
	}
	if err := b.rolesOf(stmt, catalog); err != nil {
		return nil, true, err
	}
	switch {
	case ifExists:
		return &Nothing{"DROP ROLE"}, true, nil
	case name == nil:
		return nil, true, trinoerr.New(trinoerr.NotSupported, "System roles are not enabled")
	}
	return nil, true, errAt(stmt, trinoerr.RoleNotFound, "Role '%s' does not exist", lower(name))
}
