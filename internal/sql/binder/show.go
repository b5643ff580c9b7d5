package binder

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// listingColumn is a column of what a SHOW statement returns.
type listingColumn struct {
	name string
	typ  types.Type
}

// textColumns are columns of type varchar.
func textColumns(names ...string) []listingColumn {
	var out []listingColumn
	for _, n := range names {
		out = append(out, listingColumn{n, varcharType})
	}
	return out
}

// listing is a query that returns rows known now, in their order. A nil value is NULL.
func (b *binder) listing(cols []listingColumn, rows [][]any) Bound {
	values := &plan.Values{Metadata: true}
	out := &plan.Output{}
	for _, c := range cols {
		sym := b.syms.New(c.name, c.typ)
		values.Symbols = append(values.Symbols, sym)
		out.Names, out.Symbols = append(out.Names, c.name), append(out.Symbols, sym)
	}
	for _, r := range rows {
		var row []plan.Expr
		for i, v := range r {
			row = append(row, &plan.Const{Typ: cols[i].typ, Value: v})
		}
		values.Rows = append(values.Rows, row)
	}
	out.Source = values
	if len(rows) > 1 {
		// Rows have no order of their own: number them, sort by the number and drop it.
		ordinal := b.syms.New("ordinal", bigint)
		values.Symbols = append(values.Symbols, ordinal)
		for i := range values.Rows {
			values.Rows[i] = append(values.Rows[i], &plan.Const{Typ: bigint, Value: int64(i)})
		}
		var keep []plan.Assignment
		for _, s := range out.Symbols {
			keep = append(keep, plan.Assignment{Sym: s, Expr: &plan.Ref{Sym: s}})
		}
		out.Source = &plan.Project{Cols: keep, Source: &plan.Sort{Source: values, Keys: []plan.SortKey{{Expr: &plan.Ref{Sym: ordinal}}}}}
	}
	return &Query{Plan: out}
}

// fitted narrows the text columns to the longest value, as Trino's listings of literals do.
func fitted(cols []listingColumn, rows [][]any) []listingColumn {
	for i, c := range cols {
		if c.typ.Kind != types.Varchar || len(rows) == 0 {
			continue
		}
		longest := 0
		for _, r := range rows {
			if s, ok := r[i].(string); ok {
				longest = max(longest, len([]rune(s)))
			}
		}
		cols[i].typ = types.VarcharN(longest)
	}
	return cols
}

// like is the filter of SHOW … LIKE.
func like(p *ast.LikePattern) func(string) bool {
	if p == nil {
		return func(string) bool { return true }
	}
	escape := ""
	if p.Escape != nil {
		escape = p.Escape.Value
	}
	return func(s string) bool { return likeMatches(s, p.Pattern.Value, escape) }
}

// matching lists the names that a pattern admits, one per row.
func matching(names []string, p *ast.LikePattern) [][]any {
	ok := like(p)
	var rows [][]any
	for _, n := range names {
		if ok(n) {
			rows = append(rows, []any{n})
		}
	}
	return rows
}

func (b *binder) showCatalogs(s *ast.ShowCatalogs) (Bound, error) {
	names := b.env.Catalogs.Names()
	return b.listing(fitted(textColumns("Catalog"), matching(names, nil)), matching(names, s.Like)), nil
}

func (b *binder) showSchemas(s *ast.ShowSchemas) (Bound, error) {
	catalog := strings.ToLower(b.env.Session.Catalog)
	if s.Catalog != nil {
		catalog = lower(s.Catalog)
	}
	if catalog == "" {
		return nil, errAt(s, trinoerr.MissingCatalogName, "Catalog must be specified when session catalog is not set")
	}
	md := b.env.Catalogs.Metadata(catalog)
	if md == nil {
		return nil, trinoerr.New(trinoerr.CatalogNotFound, "Catalog '%s' not found", catalog)
	}
	names, err := allSchemas(b.ctx, md)
	if err != nil {
		return nil, located(s, err)
	}
	return b.listing(textColumns("Schema"), matching(names, s.Like)), nil
}

func (b *binder) showTables(s *ast.ShowTables) (Bound, error) {
	in, err := b.schema(s, s.Schema)
	if err != nil {
		return nil, err
	}
	if !in.exists {
		return nil, errAt(s, trinoerr.SchemaNotFound, "Schema '%s' does not exist", in.schema)
	}
	tables, err := tablesOf(b.ctx, in.md, in.schema)
	if err != nil {
		return nil, located(s, err)
	}
	var names []string
	for _, t := range tables {
		names = append(names, t.Table)
	}
	sort.Strings(names)
	return b.listing(textColumns("Table"), matching(names, s.Like)), nil
}

func (b *binder) showColumns(s *ast.ShowColumns) (Bound, error) {
	t, err := b.existing(s, s.Table)
	if err != nil {
		return nil, err
	}
	ok := like(s.Like)
	var rows [][]any
	for _, c := range t.Table.Columns {
		if !c.Hidden && ok(c.Name) {
			comment := ""
			if c.Comment != nil {
				comment = *c.Comment
			}
			rows = append(rows, []any{c.Name, c.Type.String(), c.Extra, comment})
		}
	}
	return b.listing(textColumns("Column", "Type", "Extra", "Comment"), rows), nil
}

// existing finds a table that must exist; the tables of information_schema do. A view is described as a table.
func (b *binder) existing(n ast.Node, q *ast.QualifiedName) (TableRef, error) {
	name, err := b.object(n, q)
	if err != nil {
		return TableRef{}, err
	}
	md, err := b.catalog(n, name.catalog)
	if err != nil {
		return TableRef{}, err
	}
	t, err := described(b.ctx, md, name.SchemaTable)
	if err != nil {
		return TableRef{}, located(n, err)
	}
	if t == nil {
		return TableRef{}, b.noTable(n, md, name)
	}
	return TableRef{name.catalog, t}, nil
}

// showSession lists the properties of the system, then those of each catalog.
func (b *binder) showSession(s *ast.ShowSession) (Bound, error) {
	var rows [][]any
	for _, p := range slices.SortedStableFunc(slices.Values(b.env.Properties), func(a, b SessionProperty) int {
		return cmp.Or(strings.Compare(a.Catalog, b.Catalog), strings.Compare(a.Name, b.Name))
	}) {
		name := p.fullName()
		if p.Hidden {
			continue
		}
		value, set := b.env.Session.Properties[name]
		if !set {
			value = p.Default
		}
		rows = append(rows, []any{name, value, p.Default, p.Type, p.Description})
	}
	cols := fitted(textColumns("Name", "Value", "Default", "Type", "Description"), rows)
	ok := like(s.Like)
	return b.listing(cols, slices.DeleteFunc(rows, func(row []any) bool { return !ok(row[0].(string)) })), nil
}
