package binder

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/format"
	"github.com/waterbear-sql/waterbear/internal/sql/parser"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// showCreate binds SHOW CREATE.
func (b *binder) showCreate(s *ast.ShowCreate) (Bound, error) {
	switch s.Kind {
	case ast.ShowCreateSchema:
		return b.showCreateSchema(s)
	case ast.ShowCreateFunction:
		return b.showCreateFunction(s)
	}
	o, err := b.at(s, s.Name)
	if err != nil {
		return nil, err
	}
	if o.Schema == informationSchema && o.md != nil && infoDefinition(o.SchemaTable.Table) != nil {
		o.kind, o.table = aTable, infoDefinition(o.SchemaTable.Table)
	}
	wanted := map[ast.ShowCreateKind]string{ast.ShowCreateTable: "Table", ast.ShowCreateView: "View", ast.ShowCreateMaterializedView: "Materialized view"}[s.Kind]
	switch {
	case o.kind == noObject:
		return nil, errAt(s, trinoerr.TableNotFound, "%s '%s' does not exist", wanted, o)
	case o.kind == aTable && s.Kind == ast.ShowCreateTable:
		return b.oneText("Create Table", createTableText(TableRef{o.catalog, o.table})), nil
	case o.kind == aView && s.Kind == ast.ShowCreateView:
		text, err := createViewText(o)
		if err != nil {
			return nil, located(s, err)
		}
		return b.oneText("Create View", text), nil
	}
	return nil, errAt(s, trinoerr.NotSupported, "Relation '%s' is a %s, not a %s", o, o.kind, strings.ToLower(wanted))
}

// createViewText is the statement that would create a view.
func createViewText(o objectAt) (string, error) {
	stmt, err := parser.ParseStatement(o.view.SQL)
	query, ok := stmt.(*ast.Query)
	if err != nil || !ok {
		return "", trinoerr.New(trinoerr.InvalidView, "Failed parsing stored view '%s': %v", o, err)
	}
	create := &ast.CreateView{Name: nameOf(o.catalog, o.Schema, o.SchemaTable.Table), Query: query, Security: ast.SecurityDefiner}
	if o.view.Owner == "" {
		create.Security = ast.SecurityInvoker
	}
	if o.view.Comment != nil {
		create.Comment = &ast.StringLiteral{Value: *o.view.Comment}
	}
	return strings.TrimSpace(format.Statement(create)), nil
}

// nameOf is a qualified name as it would be written.
func nameOf(parts ...string) *ast.QualifiedName {
	q := &ast.QualifiedName{}
	for _, p := range parts {
		q.Parts = append(q.Parts, &ast.Identifier{Value: p, Delimited: quotedName(p) != p})
	}
	return q
}

// oneText is a listing of one text.
func (b *binder) oneText(column, text string) Bound {
	rows := [][]any{{text}}
	return b.listing(fitted(textColumns(column), rows), rows)
}

func (b *binder) showCreateSchema(s *ast.ShowCreate) (Bound, error) {
	at, err := b.schema(s, s.Name)
	if err != nil && trinoerr.CodeOf(err) == trinoerr.CatalogNotFound {
		return nil, errAt(s, trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", at.catalog, at.schema)
	}
	if err != nil {
		return nil, err
	}
	if !at.exists {
		return nil, errAt(s, trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", at.catalog, at.schema)
	}
	var props map[string]any
	if d, ok := at.md.(connector.SchemaDescriber); ok {
		if props, err = d.Schema(b.ctx, at.schema); err != nil {
			return nil, located(s, err)
		}
	}
	return b.oneText("Create Schema", "CREATE SCHEMA "+quotedName(at.catalog)+"."+quotedName(at.schema)+propertiesText(props)), nil
}

// createTableText is the statement that would create a table.
func createTableText(t TableRef) string {
	var w strings.Builder
	fmt.Fprintf(&w, "CREATE TABLE %s.%s.%s (\n", quotedName(t.Catalog), quotedName(t.Table.Name.Schema), quotedName(t.Table.Name.Table))
	first := true
	for _, c := range t.Table.Columns {
		if c.Hidden {
			continue
		}
		if !first {
			w.WriteString(",\n")
		}
		first = false
		w.WriteString("   " + columnText(c))
	}
	w.WriteString("\n)")
	if t.Table.Comment != nil {
		w.WriteString("\nCOMMENT " + quotedText(*t.Table.Comment))
	}
	w.WriteString(propertiesText(t.Table.Properties))
	return w.String()
}

func columnText(c connector.Column) string {
	s := quotedName(c.Name) + " " + declaredType(c.Type)
	if c.NotNull {
		s += " NOT NULL"
	}
	if c.Comment != nil {
		s += " COMMENT " + quotedText(*c.Comment)
	}
	if len(c.Properties) > 0 {
		s += " WITH (" + strings.Join(propertyTexts(c.Properties), ", ") + ")"
	}
	return s
}

// declaredType is a type as Trino writes it into statements: rows and intervals in capitals.
func declaredType(t types.Type) string {
	switch t.Kind {
	case types.IntervalDayToSecond, types.IntervalYearToMonth:
		return strings.ToUpper(t.String())
	case types.Array:
		return "array(" + declaredType(t.Elem(0)) + ")"
	case types.Map:
		return "map(" + declaredType(t.Elem(0)) + ", " + declaredType(t.Elem(1)) + ")"
	case types.Row:
		fields := make([]string, len(t.Args))
		for i, f := range t.Args {
			fields[i] = declaredType(f.Type)
			if f.Name != "" {
				fields[i] = quotedName(f.Name) + " " + fields[i]
			}
		}
		return "ROW(" + strings.Join(fields, ", ") + ")"
	}
	return t.ProtocolName()
}

// propertiesText is a WITH clause, empty without properties.
func propertiesText(props map[string]any) string {
	if len(props) == 0 {
		return ""
	}
	return "\nWITH (\n   " + strings.Join(propertyTexts(props), ",\n   ") + "\n)"
}

// propertyTexts are "name = value" by name.
func propertyTexts(props map[string]any) []string {
	var out []string
	for _, n := range slices.Sorted(maps.Keys(props)) {
		out = append(out, n+" = "+propertyText(props[n]))
	}
	return out
}

func propertyText(v any) string {
	switch v := v.(type) {
	case string:
		return quotedText(v)
	case bool:
		return strconv.FormatBool(v)
	case []string:
		parts := make([]string, len(v))
		for i, s := range v {
			parts[i] = quotedText(s)
		}
		return "ARRAY[" + strings.Join(parts, ",") + "]"
	}
	return fmt.Sprint(v)
}

func quotedText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// quotedName quotes an identifier unless it is a plain word.
func quotedName(s string) string {
	plain := s != ""
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			plain = false
		}
	}
	if plain && !types.Reserved(s) {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
