package binder

import (
	"context"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func (b *binder) use(s *ast.Use) (Bound, error) {
	out := &Use{Schema: lower(s.Schema)}
	catalog := strings.ToLower(b.env.Session.Catalog)
	if s.Catalog != nil {
		catalog = lower(s.Catalog)
		out.Catalog = catalog
	}
	if catalog == "" {
		return nil, errAt(s, trinoerr.MissingCatalogName, "Catalog must be specified when session catalog is not set")
	}
	md := b.env.Catalogs.Metadata(catalog)
	if md == nil {
		return nil, trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' not found", catalog)
	}
	exists, err := b.schemaExists(md, out.Schema)
	if err != nil {
		return nil, located(s, err)
	}
	if !exists {
		return nil, trinoerr.New(trinoerr.NotFound, "Schema does not exist: %s.%s", catalog, out.Schema)
	}
	return out, nil
}

func (p SessionProperty) fullName() string {
	if p.Catalog != "" {
		return p.Catalog + "." + p.Name
	}
	return p.Name
}

// sessionProperty finds a property by its name of one or two parts.
func (b *binder) sessionProperty(n ast.Node, q *ast.QualifiedName) (SessionProperty, error) {
	parts := lowerParts(q)
	name := strings.Join(parts, ".")
	if len(parts) > 2 {
		return SessionProperty{}, trinoerr.New(trinoerr.InvalidSessionProperty, "Invalid session property '%s'", name)
	}
	if len(parts) == 2 && b.env.Catalogs.Metadata(parts[0]) == nil {
		return SessionProperty{}, errAt(n, trinoerr.CatalogNotFound, "Catalog '%s' not found", parts[0])
	}
	for _, p := range b.env.Properties {
		if p.fullName() == name {
			return p, nil
		}
	}
	return SessionProperty{}, errAt(n, trinoerr.InvalidSessionProperty, "Session property '%s' does not exist", name)
}

// propertyTypes are the types of session properties.
var propertyTypes = map[string]types.Type{
	"boolean": boolType, "integer": integer, "bigint": bigint, "double": double, "varchar": varcharType,
}

func (b *binder) setSession(s *ast.SetSession) (Bound, error) {
	return b.sessionValue(s.Name, s.Value)
}

// SessionOf evaluates the WITH SESSION of a query: the properties that are set for it alone, in their order.
func SessionOf(ctx context.Context, stmt ast.Statement, env Env) ([]*SetSession, error) {
	q, ok := stmt.(*ast.Query)
	if !ok || len(q.Session) == 0 {
		return nil, nil
	}
	b := newBinder(ctx, env)
	seen := map[string]bool{}
	var out []*SetSession
	for _, p := range q.Session {
		set, err := b.sessionValue(p.Name, p.Value)
		if err != nil {
			return nil, err
		}
		if seen[set.FullName()] {
			return nil, errAt(p, trinoerr.InvalidSessionProperty, "Session property '%s' already set", set.FullName())
		}
		seen[set.FullName()] = true
		out = append(out, set)
	}
	return out, nil
}

// sessionValue evaluates the value of a session property.
func (b *binder) sessionValue(name *ast.QualifiedName, value ast.Expression) (*SetSession, error) {
	p, err := b.sessionProperty(value, name)
	if err != nil {
		return nil, err
	}
	c, err := b.constant(value, propertyTypes[p.Type])
	if err != nil {
		e := trinoerr.From(err)
		if e.Code == trinoerr.TypeMismatch {
			return nil, trinoerr.New(trinoerr.InvalidSessionProperty, "Unable to set session property '%s' to '%s': %s",
				p.fullName(), exprText(value), e.Msg)
		}
		return nil, err
	}
	var text string
	switch v := c.Value.(type) {
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case int64:
		text = strconv.FormatInt(v, 10)
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return nil, trinoerr.New(trinoerr.InvalidSessionProperty, "Unable to set session property '%s' to '%s': %s",
			p.fullName(), exprText(value), "Session property value must not be null")
	}
	return &SetSession{p.Catalog, p.Name, text, value.Pos()}, nil
}

func (b *binder) resetSession(s *ast.ResetSession) (Bound, error) {
	p, err := b.sessionProperty(s, s.Name)
	if err != nil {
		return nil, err
	}
	return &ResetSession{p.Catalog, p.Name}, nil
}

// setTimeZone takes a zone's name or an offset as an interval.
func (b *binder) setTimeZone(s *ast.SetTimeZone) (Bound, error) {
	if s.Zone == nil {
		return &SetTimeZone{}, nil
	}
	x := &exprBinder{b: b, scope: &scope{}}
	e, err := x.expr(s.Zone)
	if err != nil {
		return nil, err
	}
	c, ok := fold(e)
	if !ok {
		return nil, trinoerr.New(trinoerr.TypeMismatch, "Expected expression of varchar or interval day-time type, but '%s' has %s type", exprText(s.Zone), e.Type())
	}
	switch v := c.Value.(type) {
	case string:
		zone, err := types.ParseZone(v)
		if err != nil {
			return nil, err
		}
		return &SetTimeZone{string(zone)}, nil
	case types.IntervalDTValue:
		if int64(v)%millisPerMin != 0 {
			return nil, errAt(s.Zone, trinoerr.InvalidLiteral, "Invalid time zone offset interval: interval contains seconds")
		}
		minutes := int(int64(v) / millisPerMin)
		const limit = 14 * 60
		if minutes < -limit || minutes > limit {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid offset minutes %d", minutes)
		}
		return &SetTimeZone{string(types.OffsetZone(minutes))}, nil
	}
	return nil, trinoerr.New(trinoerr.TypeMismatch, "Expected expression of varchar or interval day-time type, but '%s' has %s type", exprText(s.Zone), e.Type())
}

func (b *binder) setPath(s *ast.SetPath) (Bound, error) {
	var parts []string
	for _, e := range s.Elements {
		name := quotedName(lower(e.Schema))
		if e.Catalog != nil {
			name = quotedName(lower(e.Catalog)) + "." + name
		}
		parts = append(parts, name)
	}
	return &SetPath{strings.Join(parts, ", ")}, nil
}

// setRole knows no roles but ALL and NONE.
func (b *binder) setRole(s *ast.SetRole) (Bound, error) {
	if err := b.rolesOf(s, s.Catalog); err != nil {
		return nil, err
	}
	if s.Kind == ast.SetRoleName {
		return nil, errAt(s, trinoerr.RoleNotFound, "Role '%s' does not exist", lower(s.Role))
	}
	return &SetRole{"system", string(s.Kind)}, nil
}

func (b *binder) setSessionAuthorization(s *ast.SetSessionAuthorization) (Bound, error) {
	switch u := s.User.(type) {
	case *ast.Identifier:
		return &SetSessionAuthorization{u.Value}, nil
	case *ast.StringLiteral:
		return &SetSessionAuthorization{u.Value}, nil
	}
	return nil, unsupported(s, "SET SESSION AUTHORIZATION with an expression")
}

func (b *binder) startTransaction(s *ast.StartTransaction) (Bound, error) {
	out := &StartTransaction{}
	isolation, access := false, false
	for _, m := range s.Modes {
		switch m := m.(type) {
		case *ast.IsolationLevel:
			if isolation {
				return nil, errAt(s, trinoerr.SyntaxError, "Multiple transaction isolation levels specified")
			}
			isolation, out.Isolation = true, m.Level
		case *ast.AccessMode:
			if access {
				return nil, errAt(s, trinoerr.SyntaxError, "Multiple transaction read modes specified")
			}
			access, out.ReadOnly = true, m.ReadOnly
		}
	}
	return out, nil
}

// isTrue is the one-row result of EXPLAIN (TYPE VALIDATE).
func (b *binder) isTrue(column string) Bound {
	return b.listing([]listingColumn{{column, boolType}}, [][]any{{true}})
}
