package parser

import (
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// principal reads [USER|ROLE] name.
func (p *parser) principal() *ast.Principal {
	r := &ast.Principal{Location: p.loc()}
	if p.isAny("USER", "ROLE") && p.ahead(1).name && p.ahead(1).kind != "GRANTED" {
		r.Kind = ast.PrincipalKind(p.advance().kind)
	}
	r.Name = p.identifier()
	return r
}

// grantor reads a principal, CURRENT_USER or CURRENT_ROLE.
func (p *parser) grantor() *ast.Grantor {
	g := &ast.Grantor{Location: p.loc(), Kind: ast.GrantorPrincipal}
	if k := p.acceptAny("CURRENT_USER", "CURRENT_ROLE"); k != "" {
		g.Kind = ast.GrantorKind(k)
		return g
	}
	g.Principal = p.principal()
	return g
}

// grantedBy reads [GRANTED BY grantor].
func (p *parser) grantedBy() *ast.Grantor {
	if !p.acceptAll("GRANTED", "BY") {
		return nil
	}
	return p.grantor()
}

func (p *parser) createRole(at ast.Location) ast.Statement {
	p.want("ROLE")
	s := &ast.CreateRole{Location: at, Name: p.identifier()}
	if p.acceptAll("WITH", "ADMIN") {
		s.Admin = p.grantor()
	}
	s.Catalog = p.optionalIdentifier("IN")
	return s
}

// privileges are privileges or roles as they were written, before it is known which they are.
type privileges struct {
	all   bool
	names []*ast.Identifier
	words []*ast.Identifier // those of the names that are keywords
}

// roles returns the names as roles, which keywords of privileges cannot name.
func (g privileges) roles() []*ast.Identifier {
	if len(g.words) > 0 {
		failAt(g.words[0].Location, "May not use a privilege name as a role name")
	}
	return g.names
}

// texts returns the privileges as they were written; nil for all.
func (g privileges) texts() []string {
	var texts []string
	for _, n := range g.names {
		texts = append(texts, n.Value)
	}
	return texts
}

// privileges reads ALL PRIVILEGES, or privileges or roles.
func (p *parser) privileges() privileges {
	if p.are("ALL", "PRIVILEGES") {
		p.wantAll("ALL", "PRIVILEGES")
		return privileges{all: true}
	}
	var g privileges
	g.names = list(p, func() *ast.Identifier {
		at := p.loc()
		if p.isAny("CREATE", "SELECT", "DELETE", "INSERT", "UPDATE") {
			g.words = append(g.words, &ast.Identifier{Location: at, Value: p.advance().text})
			return g.words[len(g.words)-1]
		}
		return p.identifier()
	})
	return g
}

// grantObject reads [kind] name.
func (p *parser) grantObject() *ast.GrantObject {
	g := &ast.GrantObject{Location: p.loc()}
	next := p.ahead(1)
	named := next.name
	if next.kind == "TO" {
		// The TO that follows the name, unless the name is to.
		after := p.ahead(2).kind
		named = after == "TO" || after == "."
	}
	switch {
	case p.isAny("TABLE", "SCHEMA") && (named || p.kind() == "TABLE"):
		g.Kind = p.advance().text
	case p.isName() && named:
		g.Kind = p.identifier().Value
	}
	g.Name = p.qualifiedName()
	return g
}

// grant reads GRANT roles or privileges.
func (p *parser) grant() ast.Statement {
	at := p.loc()
	p.want("GRANT")
	granted := p.privileges()
	if granted.all || p.is("ON") {
		p.want("ON")
		s := &ast.Grant{Location: at, Privileges: granted.texts(), Object: p.grantObject()}
		p.want("TO")
		s.Grantee = p.principal()
		if p.accept("WITH") {
			p.wantAll("GRANT", "OPTION")
			s.GrantOption = true
		}
		return s
	}
	p.want("TO")
	s := &ast.GrantRoles{Location: at, Roles: granted.roles(), Grantees: list(p, p.principal)}
	if p.accept("WITH") {
		p.wantAll("ADMIN", "OPTION")
		s.AdminOption = true
	}
	s.GrantedBy, s.Catalog = p.grantedBy(), p.optionalIdentifier("IN")
	return s
}

// revoke reads REVOKE roles or privileges.
func (p *parser) revoke() ast.Statement {
	at := p.loc()
	p.want("REVOKE")
	admin := p.are("ADMIN", "OPTION", "FOR")
	if admin {
		p.wantAll("ADMIN", "OPTION", "FOR")
	}
	grant := !admin && p.are("GRANT", "OPTION", "FOR")
	if grant {
		p.wantAll("GRANT", "OPTION", "FOR")
	}
	revoked := p.privileges()
	if revoked.all && admin {
		p.fail()
	}
	if !admin && (grant || revoked.all || p.is("ON")) {
		p.want("ON")
		s := &ast.Revoke{Location: at, GrantOption: grant, Privileges: revoked.texts(), Object: p.grantObject()}
		p.want("FROM")
		s.Grantee = p.principal()
		return s
	}
	p.want("FROM")
	return &ast.RevokeRoles{
		Location: at, AdminOption: admin, Roles: revoked.roles(), Grantees: list(p, p.principal),
		GrantedBy: p.grantedBy(), Catalog: p.optionalIdentifier("IN"),
	}
}

func (p *parser) deny() ast.Statement {
	at := p.loc()
	p.want("DENY")
	denied := p.privileges()
	p.want("ON")
	s := &ast.Deny{Location: at, Privileges: denied.texts(), Object: p.grantObject()}
	p.want("TO")
	s.Grantee = p.principal()
	return s
}

// setRole reads the rest of SET ROLE.
func (p *parser) setRole(at ast.Location) ast.Statement {
	p.want("ROLE")
	s := &ast.SetRole{Location: at}
	switch k := p.acceptAny("ALL", "NONE"); k {
	case "":
		s.Kind, s.Role = ast.SetRoleName, p.identifier()
	default:
		s.Kind = ast.SetRoleKind(k)
	}
	s.Catalog = p.optionalIdentifier("IN")
	return s
}
