package jdbc

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// do runs a statement of a kind; without one, it is refused.
func (c *Connector) do(ctx context.Context, what string, kind StatementKind, args ...string) error {
	text, ok := c.statement(kind, args...)
	if !ok {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support %s", what)
	}
	defer c.forget()
	return c.exec(ctx, text)
}

// CreateSchema makes a schema.
func (c *Connector) CreateSchema(ctx context.Context, name string, _ map[string]any) error {
	return c.do(ctx, "creating schemas", CreateSchema, c.dialect.Quote(c.stored(name)))
}

// DropSchema drops a schema.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	remote, found, err := c.schema(ctx, name)
	if err != nil {
		return err
	}
	schemas, err := c.dialect.Schemas(ctx, c.writes)
	if err != nil {
		return c.failed(err)
	}
	if !found || !slices.Contains(schemas, remote) {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s' does not exist", name)
	}
	if cascade {
		return c.do(ctx, "dropping schemas with CASCADE option", DropSchemaCascade, c.dialect.Quote(remote))
	}
	tables, err := c.dialect.Tables(ctx, c.writes, remote)
	if err != nil {
		return c.failed(err)
	}
	if len(tables) > 0 {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	return c.do(ctx, "dropping schemas", DropSchema, c.dialect.Quote(remote))
}

// RenameSchema renames a schema.
func (c *Connector) RenameSchema(ctx context.Context, name, to string) error {
	remote, _, err := c.schema(ctx, name)
	if err != nil {
		return err
	}
	return c.do(ctx, "renaming schemas", RenameSchema, c.dialect.Quote(remote), c.dialect.Quote(c.stored(to)))
}

// CreateTable makes an empty table.
func (c *Connector) CreateTable(ctx context.Context, t *connector.Table) error {
	name, err := c.newTable(ctx, t.Name)
	if err != nil {
		return err
	}
	defer c.forget()
	c.sweep(ctx, name.Schema)
	return c.createTable(ctx, name, t.Columns, t.Comment)
}

// typeFor is the database's type for a new column.
func (c *Connector) typeFor(ctx context.Context, t types.Type) (string, error) {
	native, ok := c.dialect.TypeFor(t)
	if !ok || t.Kind == types.Array && c.SettingsFor(ctx).ArrayMapping != ArraysAsArray { // nobody could read it
		return "", trinoerr.New(trinoerr.NotSupported, "Unsupported column type: %s", t)
	}
	return native, nil
}

// createTable makes a table.
func (c *Connector) createTable(ctx context.Context, name Name, columns []connector.Column, comment *string) error {
	var defs []string
	for _, col := range columns {
		native, err := c.typeFor(ctx, col.Type)
		if err != nil {
			return err
		}
		if col.Comment != nil && *col.Comment != "" {
			return trinoerr.New(trinoerr.NotSupported, "This connector does not support creating tables with column comment")
		}
		def := c.dialect.Quote(c.stored(col.Name)) + " " + native
		if col.NotNull {
			def += " NOT NULL"
		}
		defs = append(defs, def)
	}
	err := c.exec(ctx, fmt.Sprintf("CREATE TABLE %s (%s)%s", c.qualified(name), strings.Join(defs, ", "), c.tableOptions()))
	if err == nil && comment != nil {
		err = c.setComment(ctx, CommentTable, name, "", comment)
	}
	return err
}

// target is the table in the database of a description.
func target(t *connector.Table) (*relation, error) {
	r, err := readRelation(t.Handle)
	if err == nil && r.Table == nil {
		err = trinoerr.New(trinoerr.NotSupported, "This connector does not support changing the result of a query")
	}
	return r, err
}

// DropTable drops a table.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	defer c.forget()
	c.sweep(ctx, r.Table.Schema)
	return c.exec(ctx, "DROP TABLE "+c.qualified(*r.Table))
}

// RenameTable renames a table.
func (c *Connector) RenameTable(ctx context.Context, t *connector.Table, to connector.SchemaTable) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	name, err := c.newTable(ctx, to)
	if err != nil {
		return err
	}
	if name.Schema != r.Table.Schema {
		if _, ok := c.dialect.(TableMover); !ok {
			return trinoerr.New(trinoerr.NotSupported, "This connector does not support renaming tables across schemas")
		}
	}
	return c.rename(ctx, *r.Table, name)
}

// TableMover is a dialect whose RenameTable also moves a table into another schema.
type TableMover interface{ MovesTables() }

func (c *Connector) rename(ctx context.Context, from, to Name) error {
	return c.do(ctx, "renaming tables", RenameTable, c.qualified(from), c.dialect.Quote(from.Schema), c.qualified(to), c.dialect.Quote(to.Table),
		c.dialect.Text(c.qualified(from)), c.dialect.Text(to.Table))
}

// Truncate empties a table.
func (c *Connector) Truncate(ctx context.Context, t *connector.Table) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	return c.do(ctx, "truncating tables", Truncate, c.qualified(*r.Table))
}

// onColumn runs a statement about a column of a table.
func (c *Connector) onColumn(ctx context.Context, t *connector.Table, what string, kind StatementKind, column string, more ...string) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	col := r.find(column)
	if col == nil {
		return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", column)
	}
	return c.do(ctx, what, kind, append([]string{c.qualified(*r.Table), col.Ref}, more...)...)
}

// AddColumn adds a column.
func (c *Connector) AddColumn(ctx context.Context, t *connector.Table, col connector.Column) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	if col.Comment != nil {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support adding columns with comments")
	}
	if col.NotNull {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support adding not null columns")
	}
	native, err := c.typeFor(ctx, col.Type)
	if err != nil {
		return err
	}
	return c.do(ctx, "adding columns", AddColumn, c.qualified(*r.Table), c.dialect.Quote(c.stored(col.Name)), native)
}

// DropColumn drops a column.
func (c *Connector) DropColumn(ctx context.Context, t *connector.Table, column string) error {
	return c.onColumn(ctx, t, "dropping columns", DropColumn, column)
}

// RenameColumn renames a column.
func (c *Connector) RenameColumn(ctx context.Context, t *connector.Table, column, to string) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	qualified := ""
	if col := r.find(column); col != nil {
		qualified = c.qualified(*r.Table) + "." + col.Ref
	}
	return c.onColumn(ctx, t, "renaming columns", RenameColumn, column, c.dialect.Quote(c.stored(to)), c.dialect.Text(qualified), c.dialect.Text(c.stored(to)))
}

// SetColumnType changes a column's type.
func (c *Connector) SetColumnType(ctx context.Context, t *connector.Table, column string, to types.Type) error {
	native, err := c.typeFor(ctx, to)
	if err != nil {
		return err
	}
	return c.onColumn(ctx, t, "setting column types", SetColumnType, column, native)
}

// DropNotNull lets a column have NULLs.
func (c *Connector) DropNotNull(ctx context.Context, t *connector.Table, column string) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	native := ""
	if col := r.find(column); col != nil {
		native = col.Native
	}
	return c.onColumn(ctx, t, "dropping a not null constraint", DropNotNull, column, native)
}

// SetComment sets the comment of a table or a column.
func (c *Connector) SetComment(ctx context.Context, t *connector.Table, column string, comment *string) error {
	r, err := target(t)
	if err != nil {
		return err
	}
	if column == "" {
		return c.setComment(ctx, CommentTable, *r.Table, "", comment)
	}
	col := r.find(column)
	if col == nil {
		return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", column)
	}
	return c.setComment(ctx, CommentColumn, *r.Table, col.Ref, comment)
}

func (c *Connector) setComment(ctx context.Context, kind StatementKind, name Name, column string, comment *string) error {
	text := c.noComment()
	if comment != nil {
		text = c.dialect.Text(*comment)
	}
	if kind == CommentTable {
		return c.do(ctx, "setting table comments", kind, c.qualified(name), text)
	}
	return c.do(ctx, "setting column comments", kind, c.qualified(name), column, text)
}

// noComment is what stands for no comment.
func (c *Connector) noComment() string {
	if text, ok := c.statement(NoComment); ok {
		return text
	}
	if text, _ := c.statement(CommentTable, "", "NULL"); strings.Contains(text, "IS NULL") {
		return "NULL"
	}
	return c.dialect.Text("")
}

// CanDelete reports whether the database has exactly the constraint.
func (c *Connector) CanDelete(ctx context.Context, t *connector.Table, constraint []connector.Domain) (bool, error) {
	r, err := target(t)
	if err != nil {
		return false, err
	}
	_, ok := c.exactly(ctx, r, constraint)
	_, only := c.dialect.(NoRowChanges)
	return ok && !r.cut() && !only, nil
}

// Delete deletes the rows that satisfy a constraint.
func (c *Connector) Delete(ctx context.Context, t *connector.Table, constraint []connector.Domain) (int64, error) {
	r, err := target(t)
	if err != nil {
		return 0, err
	}
	where, ok := c.exactly(ctx, r, constraint)
	if !ok {
		return 0, trinoerr.New(trinoerr.GenericInternalError, "rows of %s cannot be deleted like that", t.Name)
	}
	text := "DELETE FROM " + c.qualified(*r.Table)
	if where = append(where, r.Where...); len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	n, err := affected(c.writes.ExecContext(ctx, text))
	return n, c.failed(err)
}

// exactly renders a constraint; false when the database has not all of it.
func (c *Connector) exactly(ctx context.Context, r *relation, constraint []connector.Domain) (where []string, ok bool) {
	s := c.SettingsFor(ctx)
	for _, d := range constraint {
		col := r.find(d.Column)
		if col == nil {
			return nil, false
		}
		e := d.Condition(col.Type)
		if e == nil {
			continue
		}
		sql, ok := c.renderer(r, &s).condition(e)
		if !ok {
			return nil, false
		}
		where = append(where, sql)
	}
	return where, true
}
