package ast

// Roles and privileges.
type (
	// CreateRole is CREATE ROLE name [WITH ADMIN grantor] [IN catalog].
	CreateRole struct {
		Location
		Name    *Identifier
		Admin   *Grantor
		Catalog *Identifier
	}

	// DropRole is DROP ROLE name [IN catalog].
	DropRole struct {
		Location
		IfExists bool
		Name     *Identifier
		Catalog  *Identifier
	}

	// GrantRoles is GRANT role, … TO principal, ….
	GrantRoles struct {
		Location
		Roles       []*Identifier
		Grantees    []*Principal
		AdminOption bool
		GrantedBy   *Grantor
		Catalog     *Identifier
	}

	// RevokeRoles is REVOKE [ADMIN OPTION FOR] role, … FROM principal, ….
	RevokeRoles struct {
		Location
		AdminOption bool
		Roles       []*Identifier
		Grantees    []*Principal
		GrantedBy   *Grantor
		Catalog     *Identifier
	}

	// Grant is GRANT privilege, … ON object TO principal.
	Grant struct {
		Location
		Privileges  []string // as written; nil: ALL PRIVILEGES
		Object      *GrantObject
		Grantee     *Principal
		GrantOption bool
	}

	// Revoke is REVOKE [GRANT OPTION FOR] privilege, … ON object FROM principal.
	Revoke struct {
		Location
		GrantOption bool
		Privileges  []string // as written; nil: ALL PRIVILEGES
		Object      *GrantObject
		Grantee     *Principal
	}

	// Deny is DENY privilege, … ON object TO principal.
	Deny struct {
		Location
		Privileges []string // as written; nil: ALL PRIVILEGES
		Object     *GrantObject
		Grantee    *Principal
	}

	// GrantObject is [kind] name; Kind is as written, empty when not.
	GrantObject struct {
		Location
		Kind string
		Name *QualifiedName
	}

	// SetRole is SET ROLE ALL|NONE|role [IN catalog].
	SetRole struct {
		Location
		Kind    SetRoleKind
		Role    *Identifier // of SetRoleName
		Catalog *Identifier
	}
)

// SetRoleKind says which roles SET ROLE turns on.
type SetRoleKind string

// The kinds of SET ROLE.
const (
	SetRoleAll  SetRoleKind = "ALL"
	SetRoleNone SetRoleKind = "NONE"
	SetRoleName SetRoleKind = "ROLE"
)
