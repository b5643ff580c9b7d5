package binder

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/sql/sqljson"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// jsonTableOf returns the JSON_TABLE that a relation is, and the alias around it, if any.
func jsonTableOf(r ast.Relation) (*ast.JSONTable, *ast.AliasedRelation) {
	switch r := r.(type) {
	case *ast.JSONTable:
		return r, nil
	case *ast.AliasedRelation:
		if t, ok := r.Relation.(*ast.JSONTable); ok {
			return t, r
		}
	}
	return nil, nil
}

// joinJSONTable binds left JOIN JSON_TABLE(…), whose expressions see the columns of left.
func (b *binder) joinJSONTable(j *ast.Join, left *relation, t *ast.JSONTable, alias *ast.AliasedRelation, outer *scope) (*relation, error) {
	if _, using := j.Criteria.(*ast.JoinUsing); using {
		return nil, errAt(j, trinoerr.NotSupported, onTrueOnly, j.Type, "JSON_TABLE")
	}
	return b.joinExpanded(j, left, t, "JSON_TABLE", alias, outer, func(keepEmpty bool) (*relation, error) {
		return b.jsonTable(t, left, outer, keepEmpty)
	})
}

// jsonTable binds JSON_TABLE next to the columns of left, which may be nil. A function gives the list of rows, each a text;
// it is unnested, and the columns are taken out of the texts.
func (b *binder) jsonTable(t *ast.JSONTable, left *relation, outer *scope, keepEmpty bool) (*relation, error) {
	sc := &scope{parent: outer, boundary: true}
	line := b.syms.New("line", varcharType)
	unnest := &plan.Unnest{Outer: keepEmpty}
	rel := &relation{}
	var cols []plan.Assignment
	if left != nil {
		unnest.Source, sc.fields = left.node, left.fields
		rel.fields = append(rel.fields, left.fields...)
		cols = passAll(left.node)
	}
	x := (&exprBinder{b: b, scope: sc}).permissive()
	tb := &jsonTableBinder{x: x, table: t, names: map[string]bool{}}
	rows, err := tb.bind()
	if err != nil {
		return nil, err
	}
	unnest.Cols = []plan.UnnestColumn{{Expr: rows, Symbols: []*plan.Symbol{line}}}
	cells := b.syms.New("cells", types.ArrayOf(varcharType))
	split, err := hiddenCall("$json_cells", &plan.Ref{Sym: line})
	if err != nil {
		return nil, err
	}
	texts := &plan.Project{Source: unnest, Cols: append(append([]plan.Assignment(nil), cols...), plan.Assignment{Sym: cells, Expr: split})}
	for i, c := range tb.outputs {
		cell, err := hiddenCall("$json_cell", &plan.Ref{Sym: cells}, &plan.Const{Typ: bigint, Value: int64(i + 1)})
		if err != nil {
			return nil, err
		}
		if cell, err = c.read(cell); err != nil {
			return nil, err
		}
		sym := b.syms.New(c.name, cell.Type())
		cols = append(cols, plan.Assignment{Sym: sym, Expr: cell})
		rel.fields = append(rel.fields, &field{name: c.name, sym: sym})
	}
	rel.node = &plan.Project{Source: texts, Cols: cols}
	return rel, nil
}

// jsonTableBinder binds the parts of a JSON_TABLE.
type jsonTableBinder struct {
	x        *exprBinder
	table    *ast.JSONTable
	names    map[string]bool // of paths and columns
	outputs  []jsonTableOutput
	columns  []sqljson.Column
	defaults []plan.Expr // the parameters of the value columns
}

// jsonTableOutput is an output column: read makes its value of its text.
type jsonTableOutput struct {
	name string
	read func(text plan.Expr) (plan.Expr, error)
}

// bind returns the call that gives the rows.
func (t *jsonTableBinder) bind() (plan.Expr, error) {
	i, err := t.x.invocation(t.table, "JSON_TABLE", t.table.Path)
	if err != nil {
		return nil, err
	}
	for _, e := range jsonInvocationExpressions(t.table.Path) {
		if err := scalarOnly(e, "JSON_TABLE"); err != nil {
			return nil, err
		}
	}
	if t.table.Path.PathName != nil {
		t.names[canonical(t.table.Path.PathName)] = true
	}
	root := &jsonTablePath{node: t.table.Path, name: t.table.Path.PathName}
	if err := t.addColumns(root, t.table.Columns); err != nil {
		return nil, err
	}
	p, err := root.plan(t.table.Plan)
	if err != nil {
		return nil, err
	}
	return i.call("$json_table", sqljson.Table{Invocation: i.Invocation, Plan: *p, Columns: t.columns,
		ErrorOnError: t.table.OnError == ast.TableErrorOnError}, t.defaults...)
}

func jsonInvocationExpressions(i *ast.JSONPathInvocation) []ast.Expression {
	out := []ast.Expression{i.Input}
	for _, a := range i.Arguments {
		out = append(out, a.Value)
	}
	return out
}

// name takes a name of a column or path.
func (t *jsonTableBinder) name(n ast.Node, name *ast.Identifier) (string, error) {
	c := canonical(name)
	if t.names[c] {
		return "", errAt(n, trinoerr.DuplicateColumnOrPathName, "All column and path names in JSON_TABLE invocation must be unique")
	}
	t.names[c] = true
	return c, nil
}

// addColumns binds the columns of a path and of those nested in it.
func (t *jsonTableBinder) addColumns(path *jsonTablePath, columns []ast.JSONTableColumn) error {
	for _, c := range columns {
		if nested, ok := c.(*ast.JSONNestedColumns); ok {
			if nested.PathName != nil {
				if _, err := t.name(nested.PathName, nested.PathName); err != nil {
					return err
				}
			}
			if _, err := checkPath(nested.Path, nil); err != nil {
				return err
			}
			child := &jsonTablePath{node: nested.Path, name: nested.PathName, text: nested.Path.Value}
			path.nested = append(path.nested, child)
			if err := t.addColumns(child, nested.Columns); err != nil {
				return err
			}
			continue
		}
		if err := t.addColumn(c); err != nil {
			return err
		}
		path.columns = append(path.columns, len(t.columns)-1)
	}
	return nil
}

func (t *jsonTableBinder) addColumn(c ast.JSONTableColumn) error {
	var column sqljson.Column
	var out jsonTableOutput
	var err error
	switch c := c.(type) {
	case *ast.JSONOrdinalityColumn:
		if out.name, err = t.name(c, c.Name); err != nil {
			return err
		}
		column.Ordinality = true
		out.read = func(text plan.Expr) (plan.Expr, error) { return coerce(text, bigint), nil }
	case *ast.JSONValueColumn:
		if out.name, err = t.name(c, c.Name); err != nil {
			return err
		}
		path, err := columnPath(c, out.name, c.Path)
		if err != nil {
			return err
		}
		v, defaults, typ, err := t.x.jsonValueSpec(c, c.Type, path.checked, c.OnEmpty, t.valueOnError(c.OnError))
		if err != nil {
			return err
		}
		for _, b := range []*ast.JSONValueBehavior{c.OnEmpty, c.OnError} {
			if b != nil && b.Default != nil {
				if err := scalarOnly(b.Default, "default expression for JSON_TABLE column"); err != nil {
					return err
				}
			}
		}
		v.Path, v.Zone = path.text, types.Zone(t.x.b.env.Session.TimeZone)
		column.Value, t.defaults = &v, append(t.defaults, defaults...)
		out.read = func(text plan.Expr) (plan.Expr, error) { return coerce(text, typ), nil }
	case *ast.JSONQueryColumn:
		if out.name, err = t.name(c, c.Name); err != nil {
			return err
		}
		path, err := columnPath(c, out.name, c.Path)
		if err != nil {
			return err
		}
		q := &sqljson.Query{}
		if q.Extraction, err = jsonExtraction(c, c.Format, c.Wrapper, c.Quotes, c.OnEmpty, t.queryOnError(c.OnError)); err != nil {
			return err
		}
		if _, err := jsonOutput(c, varcharConst(""), c.Type, c.Format); err != nil {
			return err
		}
		q.Path, column.Query = path.text, q
		out.read = func(text plan.Expr) (plan.Expr, error) { return jsonOutput(c, text, c.Type, c.Format) }
	}
	t.columns, t.outputs = append(t.columns, column), append(t.outputs, out)
	return nil
}

// valueOnError is the behavior of a column; when it has none the table's ON ERROR decides.
func (t *jsonTableBinder) valueOnError(b *ast.JSONValueBehavior) *ast.JSONValueBehavior {
	switch {
	case b != nil:
		return b
	case t.table.OnError == ast.TableErrorOnError:
		return &ast.JSONValueBehavior{Kind: ast.ValueError}
	}
	return &ast.JSONValueBehavior{Kind: ast.ValueNull}
}

func (t *jsonTableBinder) queryOnError(b ast.JSONQueryBehavior) ast.JSONQueryBehavior {
	switch {
	case b != "":
		return b
	case t.table.OnError == ast.TableErrorOnError:
		return ast.QueryError
	}
	return ast.QueryNull
}

// tableColumnPath is the path of a column.
type tableColumnPath struct {
	text    string
	checked checkedPath
}

// columnPath checks a column's path; the path of a column without one is the member of its name.
func columnPath(c ast.Node, name string, path *ast.StringLiteral) (tableColumnPath, error) {
	if path == nil {
		path = &ast.StringLiteral{Location: ast.Location(c.Pos()), Value: `lax $."` + strings.ReplaceAll(name, `"`, `""`) + `"`}
	}
	checked, err := checkPath(path, nil)
	return tableColumnPath{path.Value, checked}, err
}
