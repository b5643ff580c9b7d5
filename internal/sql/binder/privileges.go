package binder

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// privileges are the privileges that there are.
var privileges = []string{"SELECT", "INSERT", "DELETE", "UPDATE", "CREATE", "EXECUTE", "CREATE BRANCH", "DROP BRANCH"}

// privilege answers the statements about privileges and owners: no connector manages them.
func (b *binder) privilege(stmt ast.Statement) (Bound, bool, error) {
	switch s := stmt.(type) {
	case *ast.Grant:
		return nil, true, b.refusePrivileges(s, s.Privileges, s.Object)
	case *ast.Revoke:
		return nil, true, b.refusePrivileges(s, s.Privileges, s.Object)
	case *ast.Deny:
		return nil, true, b.refusePrivileges(s, s.Privileges, s.Object)
	case *ast.SetAuthorization:
		return nil, true, b.refuseOwner(s)
	}
	return nil, false, nil
}

func permissionManagement(catalog string) error {
	return trinoerr.New(trinoerr.NotSupported, "Catalog does not support permission management: %s", catalog)
}

// refusePrivileges checks what privileges are given on, or taken from.
func (b *binder) refusePrivileges(n ast.Node, names []string, on *ast.GrantObject) error {
	catalog, err := b.grantedOn(n, on)
	if err != nil {
		return err
	}
	for _, p := range names {
		if !slices.Contains(privileges, strings.ToUpper(p)) {
			return errAt(n, trinoerr.InvalidPrivilege, "Unknown privilege: '%s'", p)
		}
	}
	return permissionManagement(catalog)
}

// grantedOn finds the table or schema that privileges are on, and returns its catalog.
func (b *binder) grantedOn(n ast.Node, on *ast.GrantObject) (string, error) {
	if strings.EqualFold(on.Kind, "SCHEMA") {
		return b.ownedSchema(n, on.Name)
	}
	o, err := b.at(n, on.Name)
	if err == nil && o.kind == noObject {
		err = errAt(n, trinoerr.TableNotFound, "Table '%s' does not exist", o)
	}
	return o.catalog, err
}

func (b *binder) ownedSchema(n ast.Node, q *ast.QualifiedName) (string, error) {
	at, err := b.schema(n, q)
	if at.md != nil && err != nil {
		return "", err
	}
	if at.catalog == "" {
		return "", err
	}
	if !at.exists {
		return "", errAt(n, trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", at.catalog, at.schema)
	}
	return at.catalog, nil
}

// refuseOwner checks ALTER … SET AUTHORIZATION.
func (b *binder) refuseOwner(s *ast.SetAuthorization) error {
	catalog := ""
	switch strings.ToUpper(s.Kind) {
	case "SCHEMA":
		var err error
		if catalog, err = b.ownedSchema(s, s.Name); err != nil {
			return err
		}
	case "TABLE", "VIEW":
		o, err := b.at(s, s.Name)
		if err != nil {
			return err
		}
		if view := strings.EqualFold(s.Kind, "VIEW"); o.kind == noObject || view && o.kind != aView {
			word := "Table"
			if view {
				word = "View"
			}
			return errAt(s, trinoerr.TableNotFound, "%s '%s' does not exist", word, o)
		}
		catalog = o.catalog
	default:
		return unsupported(s, "SET AUTHORIZATION")
	}
	if s.Principal.Kind == ast.RolePrincipal {
		return errAt(s, trinoerr.RoleNotFound, "Role '%s' does not exist", lower(s.Principal.Name))
	}
	return permissionManagement(catalog)
}

// rolesOf checks the catalog whose roles a statement is about: no connector has roles. Without a catalog they are the system's.
func (b *binder) rolesOf(n ast.Node, catalog *ast.Identifier) error {
	if catalog == nil {
		return nil
	}
	name := lower(catalog)
	if b.env.Catalogs.Metadata(name) == nil {
		return errAt(n, trinoerr.CatalogNotFound, "Catalog '%s' not found", name)
	}
	return errAt(n, trinoerr.NotSupported, "Catalog '%s' does not support role management", name)
}

// showRoles lists the roles of a catalog or, without one, of the system: there are none.
func (b *binder) showRoles(n ast.Node, catalog *ast.Identifier, column string) (Bound, error) {
	if err := b.rolesOf(n, catalog); err != nil {
		return nil, err
	}
	return b.listing(textColumns(column), nil), nil
}

// showGrants lists the privileges on a table, or all: there are none.
func (b *binder) showGrants(s *ast.ShowGrants) (Bound, error) {
	if s.Object != nil {
		o, err := b.at(s, s.Object.Name)
		if err != nil {
			return nil, err
		}
		if o.kind == noObject {
			return nil, errAt(s, trinoerr.TableNotFound, "Table '%s' does not exist", o)
		}
	}
	return b.listing(textColumns("Grantor", "Grantor Type", "Grantee", "Grantee Type", "Catalog", "Schema", "Table", "Privilege",
		"Grantable", "With Hierarchy"), nil), nil
}
