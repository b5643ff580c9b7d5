package binder

import (
	"context"
	"slices"
	"sort"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// informationSchema is the schema that every catalog has. Its tables are made of the connector's metadata when a statement is
// bound, and only as much of it as the statement's conditions on names let through.
const informationSchema = "information_schema"

// infoColumns are the columns of the tables of information_schema; all are varchar but ordinal_position.
var infoColumns = map[string][]string{
	"applicable_roles": {"grantee", "grantee_type", "role_name", "is_grantable"},
	"columns": {"table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default", "is_nullable",
		"data_type", "comment", "extra_info"},
	"enabled_roles": {"role_name"},
	"roles":         {"role_name"},
	"schemata":      {"catalog_name", "schema_name"},
	"table_privileges": {"grantor", "grantor_type", "grantee", "grantee_type", "table_catalog", "table_schema", "table_name",
		"privilege_type", "is_grantable", "with_hierarchy"},
	"tables": {"table_catalog", "table_schema", "table_name", "table_type", "table_comment"},
	"views":  {"table_catalog", "table_schema", "table_name", "view_definition"},
}

// infoHidden are the columns that * leaves out.
var infoHidden = map[string]bool{"comment": true, "extra_info": true, "table_comment": true}

// infoTableNames are the names of the tables, sorted.
var infoTableNames = func() []string {
	var names []string
	for n := range infoColumns {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}()

func infoColumnType(name string) types.Type {
	if name == "ordinal_position" {
		return bigint
	}
	return varcharType
}

// infoDefinition describes a table of information_schema as a connector would; nil when there is none.
func infoDefinition(table string) *connector.Table {
	columns := infoColumns[table]
	if columns == nil {
		return nil
	}
	t := &connector.Table{Name: connector.SchemaTable{Schema: informationSchema, Table: table}}
	for _, c := range columns {
		t.Columns = append(t.Columns, connector.Column{Name: c, Type: infoColumnType(c), Hidden: infoHidden[c]})
	}
	return t
}

// WithInformationSchema shows metadata with information_schema among the schemas.
func WithInformationSchema(md connector.Metadata) connector.Metadata { return fullMetadata{md} }

type fullMetadata struct{ connector.Metadata }

// Schemas lists the schemas.
func (m fullMetadata) Schemas(ctx context.Context) ([]string, error) {
	list, err := m.Metadata.Schemas(ctx)
	if err != nil {
		return nil, err
	}
	list = append(slices.Clone(list), informationSchema)
	slices.Sort(list)
	return list, nil
}

// Tables lists the tables of a schema.
func (m fullMetadata) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	return tablesOf(ctx, m.Metadata, schema)
}

// Table describes a table, or a view as a table.
func (m fullMetadata) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	return described(ctx, m.Metadata, name)
}

// infoTable is a reference to a table of information_schema whose rows are not there yet.
type infoTable struct {
	catalog, table string
}

// informationSchema binds a table of information_schema; nil when it has none of that name.
func (b *binder) informationSchema(t *ast.Table, name objectName) (*relation, error) {
	columns := infoColumns[name.Table]
	if columns == nil {
		return nil, nil
	}
	n := &plan.Values{Metadata: true}
	rel := &relation{node: n}
	for _, c := range columns {
		sym := b.syms.New(c, infoColumnType(c))
		n.Symbols = append(n.Symbols, sym)
		rel.fields = append(rel.fields, &field{relation: lowerParts(t.Name), name: c, hidden: infoHidden[c], sym: sym})
	}
	b.info[n] = infoTable{name.catalog, name.Table}
	return rel, nil
}

// fillInformationSchema gives the references in a finished plan their rows.
func (b *binder) fillInformationSchema(out *plan.Output) error {
	if len(b.info) == 0 {
		return nil
	}
	var failed error
	filled := map[*plan.Values]bool{}
	fill := func(v *plan.Values, pred plan.Expr) plan.Node {
		ref, ok := b.info[v]
		if !ok || filled[v] || failed != nil {
			return v
		}
		filled[v] = true
		rows, err := b.infoRows(ref, namesIn(pred, v.Symbols))
		if err != nil {
			failed = err
			return v
		}
		// The rows go into the node itself: it is not part of any plan but this.
		v.Rows = rows
		return v
	}
	visit := func(n plan.Node) plan.Node {
		if f, ok := n.(*plan.Filter); ok {
			if v, ok := f.Source.(*plan.Values); ok {
				fill(v, f.Pred)
			}
		}
		return n
	}
	plan.MapPlan(out, visit)
	plan.MapPlan(out, func(n plan.Node) plan.Node {
		if v, ok := n.(*plan.Values); ok {
			fill(v, nil)
		}
		return n
	})
	return failed
}

// nameSet is what a condition allows a column of names to be; nil allows everything.
type nameSet []func(string) bool

func (s nameSet) has(name string) bool {
	for _, ok := range s {
		if !ok(name) {
			return false
		}
	}
	return true
}

// namesIn reads the conditions on columns that are compared with constant texts: =, IN and LIKE.
func namesIn(pred plan.Expr, syms []*plan.Symbol) map[string]nameSet {
	out := map[string]nameSet{}
	if pred == nil {
		return out
	}
	column := func(e plan.Expr) string {
		if r, ok := e.(*plan.Ref); ok {
			for _, s := range syms {
				if s == r.Sym {
					return infoColumnOf(s, syms)
				}
			}
		}
		return ""
	}
	add := func(c string, ok func(string) bool) {
		if c != "" {
			out[c] = append(out[c], ok)
		}
	}
	for _, c := range plan.Conjuncts(pred) {
		switch c := c.(type) {
		case *plan.Compare:
			if c.Op != plan.Eq {
				continue
			}
			l, r := c.Left, c.Right
			if column(l) == "" {
				l, r = r, l
			}
			if text, ok := constantText(r); ok {
				add(column(l), func(s string) bool { return s == text })
			}
		case *plan.In:
			allowed, constant := map[string]bool{}, true
			for _, e := range c.List {
				text, ok := constantText(e)
				constant = constant && ok
				allowed[text] = true
			}
			if constant {
				add(column(c.Arg), func(s string) bool { return allowed[s] })
			}
		case *plan.Like:
			pattern, ok := constantText(c.Pattern)
			escape := ""
			if c.Escape != nil && ok {
				escape, ok = constantText(c.Escape)
			}
			if ok {
				add(column(c.Arg), func(s string) bool { return likeMatches(s, pattern, escape) })
			}
		}
	}
	return out
}

// infoColumnOf is the name of the column that a symbol of a table stands for.
func infoColumnOf(s *plan.Symbol, syms []*plan.Symbol) string {
	for _, columns := range infoColumns {
		if len(columns) != len(syms) {
			continue
		}
		for i, sym := range syms {
			if sym == s && isName[columns[i]] {
				return columns[i]
			}
		}
	}
	return ""
}

// isName are the columns by which listings can be narrowed.
var isName = map[string]bool{"table_schema": true, "table_name": true, "schema_name": true}

// constantText reads a constant string, under casts between string types.
func constantText(e plan.Expr) (string, bool) {
	for {
		switch x := e.(type) {
		case *plan.Cast:
			if x.Typ.Kind != types.Varchar {
				return "", false
			}
			e = x.Arg
		case *plan.Const:
			s, ok := x.Value.(string)
			return s, ok && x.Typ.Kind == types.Varchar
		default:
			return "", false
		}
	}
}

// infoRows lists what a table of information_schema has for names that are allowed.
func (b *binder) infoRows(ref infoTable, allowed map[string]nameSet) ([][]plan.Expr, error) {
	md := b.env.Catalogs.Metadata(ref.catalog)
	l := infoLister{ctx: b.ctx, md: md, catalog: ref.catalog, schemas: allowed["table_schema"], tables: allowed["table_name"]}
	switch ref.table {
	case "schemata":
		l.schemas = allowed["schema_name"]
		return l.schemata()
	case "tables":
		return l.each(func(t connector.TableName) ([][]plan.Expr, error) {
			kind := "BASE TABLE"
			if t.View {
				kind = "VIEW"
			}
			return [][]plan.Expr{append(texts4(ref.catalog, t.Schema, t.Table, kind), &plan.Const{Typ: varcharType})}, nil
		})
	case "columns":
		return l.each(l.columns)
	case "views":
		return l.each(l.view)
	}
	// Roles and privileges do not exist.
	return nil, nil
}

// infoLister goes through a catalog's schemas and tables.
type infoLister struct {
	ctx             context.Context
	md              connector.Metadata
	catalog         string
	schemas, tables nameSet
}

// schemaNames lists the allowed schemas, information_schema included.
func (l *infoLister) schemaNames() ([]string, error) {
	all, err := allSchemas(l.ctx, l.md)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range all {
		if l.schemas.has(s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// allSchemas lists a catalog's schemas with information_schema, sorted.
func allSchemas(ctx context.Context, md connector.Metadata) ([]string, error) {
	names, err := md.Schemas(ctx)
	if err != nil {
		return nil, err
	}
	out := append([]string{informationSchema}, names...)
	sort.Strings(out)
	return out, nil
}

func (l *infoLister) schemata() ([][]plan.Expr, error) {
	names, err := l.schemaNames()
	var rows [][]plan.Expr
	for _, s := range names {
		rows = append(rows, []plan.Expr{varcharConst(l.catalog), varcharConst(s)})
	}
	return rows, err
}

// each calls f for every allowed table.
func (l *infoLister) each(f func(connector.TableName) ([][]plan.Expr, error)) ([][]plan.Expr, error) {
	schemas, err := l.schemaNames()
	if err != nil {
		return nil, err
	}
	var rows [][]plan.Expr
	for _, s := range schemas {
		tables, err := tablesOf(l.ctx, l.md, s)
		if err != nil {
			return nil, err
		}
		for _, t := range tables {
			if !l.tables.has(t.Table) {
				continue
			}
			more, err := f(t)
			if err != nil {
				return nil, err
			}
			rows = append(rows, more...)
		}
	}
	return rows, nil
}

// tablesOf lists the tables of a schema, which may be information_schema.
func tablesOf(ctx context.Context, md connector.Metadata, schema string) ([]connector.TableName, error) {
	if schema != informationSchema {
		return md.Tables(ctx, schema)
	}
	var out []connector.TableName
	for _, n := range infoTableNames {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: n}})
	}
	return out, nil
}

// described describes a table, a view as a table, or a table of information_schema; nil when there is nothing of that name.
func described(ctx context.Context, md connector.Metadata, name connector.SchemaTable) (*connector.Table, error) {
	if name.Schema == informationSchema {
		return infoDefinition(name.Table), nil
	}
	if views, ok := md.(connector.Views); ok {
		if v, err := views.View(ctx, name); err != nil || v != nil {
			if err != nil {
				return nil, err
			}
			return v.Table(), nil
		}
	}
	return md.Table(ctx, name)
}

// view is the row of a view; a table has none.
func (l *infoLister) view(name connector.TableName) ([][]plan.Expr, error) {
	views, ok := l.md.(connector.Views)
	if !name.View || !ok {
		return nil, nil
	}
	v, err := views.View(l.ctx, name.SchemaTable)
	if err != nil || v == nil {
		return nil, err
	}
	return [][]plan.Expr{texts4(l.catalog, name.Schema, name.Table, v.SQL)}, nil
}

// columns lists the columns of a table. A table that has gone since it was listed has none.
func (l *infoLister) columns(name connector.TableName) ([][]plan.Expr, error) {
	t, err := described(l.ctx, l.md, name.SchemaTable)
	if err != nil || t == nil {
		return nil, err
	}
	var rows [][]plan.Expr
	position := int64(0)
	for _, c := range t.Columns {
		if c.Hidden {
			continue
		}
		position++
		extra := nullableText(nil)
		if c.Extra != "" {
			extra = varcharConst(c.Extra)
		}
		nullable := "YES"
		if c.NotNull {
			nullable = "NO"
		}
		rows = append(rows, append(texts4(l.catalog, name.Schema, name.Table, c.Name),
			&plan.Const{Typ: bigint, Value: position}, &plan.Const{Typ: varcharType},
			varcharConst(nullable), varcharConst(c.Type.String()), nullableText(c.Comment), extra))
	}
	return rows, nil
}

// nullableText is NULL where there is no text.
func nullableText(s *string) plan.Expr {
	if s == nil {
		return &plan.Const{Typ: varcharType}
	}
	return varcharConst(*s)
}

func texts4(a, b, c, d string) []plan.Expr {
	return []plan.Expr{varcharConst(a), varcharConst(b), varcharConst(c), varcharConst(d)}
}
