package binder

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// role answers the statements that manage roles: there are none, and none can be made.
func (b *binder) role(stmt ast.Statement) (Bound, bool, error) {
	var catalog, name *ast.Identifier
	switch s := stmt.(type) {
	case *ast.CreateRole:
		catalog = s.Catalog
	case *ast.DropRole:
		catalog, name = s.Catalog, s.Name
		if s.IfExists && catalog == nil {
			return &Nothing{"DROP ROLE"}, true, nil
		}
	case *ast.GrantRoles:
		catalog, name = s.Catalog, s.Roles[0]
	case *ast.RevokeRoles:
		catalog, name = s.Catalog, s.Roles[0]
	default:
		return nil, false, nil
	}
	switch {
	case catalog != nil && b.env.Catalogs.Metadata(lower(catalog)) == nil:
		return nil, true, errAt(stmt, trinoerr.CatalogNotFound, "Catalog '%s' not found", lower(catalog))
	case catalog != nil:
		return nil, true, cannot("role management")
	case name == nil:
		return nil, true, trinoerr.New(trinoerr.NotSupported, "System roles are not enabled")
	}
	return nil, true, errAt(stmt, trinoerr.RoleNotFound, "Role '%s' does not exist", lower(name))
}
