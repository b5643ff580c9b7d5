package binder

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/sql/ast"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// createTableAs binds CREATE TABLE … AS.
func (b *binder) createTableAs(s *ast.CreateTableAsSelect) (Bound, error) {
	target, done, err := b.createTarget(s, s.Name, s.Mode, "Destination table")
	switch {
	case err != nil:
		return nil, err
	case done:
		return b.noRows("CREATE TABLE"), nil
	}
	name, md := target.objectName, target.md
	if s.Mode == ast.OrReplace {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support replacing tables")
	}
	props, err := b.tableProperties(md, name.catalog, s.Properties)
	if err != nil {
		return nil, err
	}
	rel, err := b.query(s.Query, nil, true)
	if err != nil {
		return nil, err
	}
	t := &connector.Table{Name: name.SchemaTable, Properties: props}
	if s.Comment != nil {
		t.Comment = &s.Comment.Value
	}
	if err := newColumns(s, t, rel); err != nil {
		return nil, err
	}
	if err := b.mayCreate(md, name); err != nil {
		return nil, err
	}
	if s.NoData {
		rel = &relation{node: &plan.Limit{Source: rel.node, Count: 0}, fields: rel.fields}
	}
	return b.write(s, rel, plan.WriteTarget{Catalog: name.catalog, Table: t, Create: true}, nil, "CREATE TABLE")
}

// newColumns gives a new table the columns of a query.
func newColumns(s *ast.CreateTableAsSelect, t *connector.Table, rel *relation) error {
	fields := rel.visible()
	var names []string
	if s.Columns != nil {
		if len(s.Columns) != len(fields) {
			return errAt(s, trinoerr.MismatchedColumnAliases, "Column alias list has %d entries but relation has %d columns",
				len(s.Columns), len(fields))
		}
		for _, c := range s.Columns {
			names = append(names, c.Value)
		}
	} else {
		for _, f := range fields {
			names = append(names, f.name)
		}
	}
	if err := uniqueNames(s, names); err != nil {
		return err
	}
	for i, f := range fields {
		if hasUnknown(f.sym.Type) {
			return errAt(s, trinoerr.ColumnTypeUnknown, "Column type is unknown: %s", names[i])
		}
		t.Columns = append(t.Columns, connector.Column{Name: strings.ToLower(names[i]), Type: f.sym.Type})
	}
	return nil
}

func hasUnknown(t types.Type) bool {
	if t.Kind == types.Unknown {
		return true
	}
	for _, a := range t.Args {
		if hasUnknown(a.Type) {
			return true
		}
	}
	return false
}

// mayCreate checks that a table can be created: its connector can write, and its schema exists.
func (b *binder) mayCreate(md connector.Metadata, name objectName) error {
	if _, ok := md.(connector.Writer); !ok {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support creating tables with data")
	}
	return b.schemaMustExist(md, name.Schema)
}

// schemaMustExist is the error of connectors that are told to create something in a schema that is not there.
func (b *binder) schemaMustExist(md connector.Metadata, schema string) error {
	exists, err := b.schemaExists(md, schema)
	if err != nil {
		return err
	}
	if !exists {
		return trinoerr.New(trinoerr.NotFound, "Schema %s not found", schema)
	}
	return nil
}

// insert binds INSERT.
func (b *binder) insert(s *ast.Insert) (Bound, error) {
	if err := b.notView(s, s.Table, "Inserting into views is not supported"); err != nil {
		return nil, err
	}
	name, err := b.object(s, s.Table)
	if err != nil {
		return nil, err
	}
	md, err := b.catalog(s, name.catalog)
	if err != nil {
		return nil, err
	}
	t, err := md.Table(b.ctx, name.SchemaTable)
	if err != nil {
		return nil, located(s, err)
	}
	if t == nil {
		return nil, b.noTable(s, md, name)
	}
	rel, err := b.query(s.Query, nil, true)
	if err != nil {
		return nil, err
	}
	target, err := insertColumns(s, t)
	if err != nil {
		return nil, err
	}
	if err := matchTypes(s, rel, target); err != nil {
		return nil, err
	}
	if _, ok := md.(connector.Writer); !ok {
		return nil, trinoerr.New(trinoerr.NotSupported, "This connector does not support inserts")
	}
	return b.write(s, rel, plan.WriteTarget{Catalog: name.catalog, Table: t}, target, "INSERT")
}

// insertColumns returns the columns that an INSERT gives values for, in its order.
func insertColumns(s *ast.Insert, t *connector.Table) ([]connector.Column, error) {
	var out []connector.Column
	if s.Columns == nil {
		for _, c := range t.Columns {
			if !c.Hidden {
				out = append(out, c)
			}
		}
		return out, nil
	}
	seen := map[string]bool{}
	for _, id := range s.Columns {
		name := lower(id)
		if seen[name] {
			return nil, errAt(s, trinoerr.DuplicateColumnName, "Insert column name is specified more than once: %s", name)
		}
		seen[name] = true
		found := false
		for _, c := range t.Columns {
			if c.Name == name && !c.Hidden {
				out, found = append(out, c), true
			}
		}
		if !found {
			return nil, errAt(s, trinoerr.ColumnNotFound, "Insert column name does not exist in target table: %s", name)
		}
	}
	return out, nil
}

// matchTypes checks that a query's columns can be stored in those of a table.
func matchTypes(n ast.Node, rel *relation, target []connector.Column) error {
	var values []plan.Expr
	for _, f := range rel.visible() {
		values = append(values, &plan.Ref{Sym: f.sym})
	}
	have, want, ok := storable(values, target)
	if ok {
		return nil
	}
	return errAt(n, trinoerr.TypeMismatch, "Insert query has mismatched column types: Table: [%s], Query: [%s]", want, have)
}

// storable reports whether values can be stored in columns of a table, and lists the types of both for the message.
func storable(values []plan.Expr, target []connector.Column) (have, want string, ok bool) {
	ok = len(values) == len(target)
	var from, to []string
	for i, v := range values {
		from = append(from, v.Type().String())
		ok = ok && canStore(v.Type(), target[i].Type)
	}
	for _, c := range target {
		to = append(to, c.Type.String())
	}
	return strings.Join(from, ", "), strings.Join(to, ", "), ok
}

// storeGroups are the kinds among which values are converted when they are stored, also when something may be lost: a
// number that does not fit is an error then, fractions of seconds are rounded.
var storeGroups = map[types.Kind]int{
	types.TinyInt: 1, types.SmallInt: 1, types.Integer: 1, types.BigInt: 1, types.Real: 1, types.Double: 1, types.Decimal: 1,
	types.Varchar: 2, types.Char: 2,
	types.Date: 3, types.Timestamp: 3, types.TimestampTZ: 3,
	types.Time: 4, types.TimeTZ: 4,
}

// canStore reports whether values of one type can be stored in a column of another.
func canStore(from, to types.Type) bool {
	if types.CanCoerce(from, to) {
		return true
	}
	if g := storeGroups[from.Kind]; g != 0 && g == storeGroups[to.Kind] {
		return true
	}
	if from.Kind != to.Kind || len(from.Args) != len(to.Args) || len(from.Args) == 0 {
		return false
	}
	for i := range from.Args {
		f, t := from.Elem(i), to.Elem(i)
		if !canStore(f, t) || isText(f) && isText(t) && f.P > t.P {
			return false // inside other values nothing checks that only blanks are cut off
		}
	}
	return true
}

func isText(t types.Type) bool { return t.Kind == types.Varchar || t.Kind == types.Char }

// write puts a Write on top of a query. target are the columns that the query's fields go to, by position; nil means all of the
// target's. Columns without a value get NULL.
func (b *binder) write(n ast.Node, rel *relation, to plan.WriteTarget, target []connector.Column, update string) (Bound, error) {
	fields := rel.visible()
	if target == nil {
		target = to.Table.Columns
	}
	p := &plan.Project{Source: rel.node}
	w := &plan.Write{Target: to, Rows: b.syms.New("rows", bigint)}
	for _, c := range to.Table.Columns {
		if c.Hidden {
			continue
		}
		var given plan.Expr = &plan.Const{Typ: c.Type}
		for i, t := range target {
			if t.Name == c.Name {
				given = &plan.Ref{Sym: fields[i].sym}
			}
		}
		value, err := assigned(n, c, given)
		if err != nil {
			return nil, err
		}
		sym := b.syms.New(c.Name, c.Type)
		p.Cols = append(p.Cols, plan.Assignment{Sym: sym, Expr: value})
		w.Columns = append(w.Columns, sym)
	}
	w.Source = p
	out := &plan.Output{Source: w, Names: []string{"rows"}, Symbols: []*plan.Symbol{w.Rows}}
	if err := b.fillInformationSchema(out); err != nil {
		return nil, err
	}
	// Filling makes a copy of the plan.
	kept := out.Source.(*plan.Write).Target
	return &Query{Plan: out, Update: update, Write: &kept}, nil
}

// assigned is what a column gets of a value: of the column's type, and not NULL where that is forbidden.
func assigned(n ast.Node, c connector.Column, value plan.Expr) (plan.Expr, error) {
	value, err := stored(n, value, c.Type)
	if err != nil || !c.NotNull {
		return value, err
	}
	return call(n, "$not_null", value, varcharConst("NULL value not allowed for NOT NULL column: "+c.Name))
}

// stored coerces a value to the type of the column that it is stored in. Of a text that is too long only blanks may be cut
// off.
func stored(n ast.Node, e plan.Expr, t types.Type) (plan.Expr, error) {
	from := e.Type()
	if !isText(from) || !isText(t) || from.P <= t.P {
		return coerce(e, t), nil
	}
	message := varcharConst(fmt.Sprintf("Cannot truncate non-space characters when casting from %s to %s on INSERT", from, t))
	cut, err := call(n, "$truncate", coerce(e, varcharType), &plan.Const{Typ: bigint, Value: int64(t.P)}, message)
	if err != nil {
		return nil, err
	}
	return coerce(cut, t), nil
}

// noRows is a write that has nothing to do: it says that no rows were written.
func (b *binder) noRows(update string) Bound {
	sym := b.syms.New("rows", bigint)
	return &Query{Update: update, Plan: &plan.Output{
		Source: &plan.Values{Symbols: []*plan.Symbol{sym}, Rows: [][]plan.Expr{{&plan.Const{Typ: bigint, Value: int64(0)}}}},
		Names:  []string{"rows"}, Symbols: []*plan.Symbol{sym},
	}}
}
