package bigquery

import (
	"context"

	"cloud.google.com/go/bigquery"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// CreateSchema makes a dataset.
func (c *Connector) CreateSchema(ctx context.Context, name string, _ map[string]any) error {
	err := c.client.DatasetInProject(c.project, name).Create(ctx, &bigquery.DatasetMetadata{})
	if exists(err) {
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s' already exists", name)
	}
	return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "create the dataset %s", name)
}

// DropSchema drops a dataset.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	dataset, err := c.dataset(ctx, name)
	if err != nil {
		return err
	}
	d := c.client.DatasetInProject(c.project, dataset)
	if cascade {
		err = d.DeleteWithContents(ctx)
	} else {
		err = d.Delete(ctx)
	}
	switch {
	case notFound(err):
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s' does not exist", name)
	case hasStatus(err, 400) && !cascade:
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "drop the dataset %s", dataset)
}

// CreateTable makes an empty table.
func (c *Connector) CreateTable(ctx context.Context, t *connector.Table) error {
	at, err := c.at(ctx, t.Name)
	if err != nil {
		return err
	}
	m, err := newTable(t)
	if err != nil {
		return err
	}
	return c.create(ctx, t.Name, at, m)
}

func (c *Connector) create(ctx context.Context, name connector.SchemaTable, at place, m *bigquery.TableMetadata) error {
	err := c.table(at).Create(ctx, m)
	switch {
	case exists(err):
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s' already exists", name)
	case notFound(err):
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s' does not exist", name.Schema)
	}
	return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "create the table %s", at)
}

// newTable is the definition of a new table.
func newTable(t *connector.Table) (*bigquery.TableMetadata, error) {
	m := &bigquery.TableMetadata{}
	if t.Comment != nil {
		m.Description = *t.Comment
	}
	for _, col := range t.Columns {
		if col.Hidden {
			continue
		}
		f, err := fieldOf(col.Name, col.Type)
		if err != nil {
			return nil, err
		}
		f.Required = col.NotNull && !f.Repeated
		if col.Comment != nil {
			f.Description = *col.Comment
		}
		m.Schema = append(m.Schema, f)
	}
	return m, nil
}

// DropTable drops a table.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	h, err := target(t)
	if err != nil {
		return err
	}
	return failed(c.table(h.place).Delete(ctx), trinoerr.BigqueryFailedToExecuteQuery, "drop the table %s", h.place)
}

// SetComment sets the comment of a table or of a column.
func (c *Connector) SetComment(ctx context.Context, t *connector.Table, column string, comment *string) error {
	h, err := target(t)
	if err != nil {
		return err
	}
	text := ""
	if comment != nil {
		text = *comment
	}
	if column == "" {
		_, err := c.table(h.place).Update(ctx, bigquery.TableMetadataToUpdate{Description: text}, "")
		return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "set the comment of %s", h.place)
	}
	m, err := c.metadata(ctx, h.place)
	if err != nil {
		return err
	}
	f := h.field(column)
	if m == nil || f == nil {
		return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", column)
	}
	for _, own := range m.Schema {
		if own.Name == f.Name {
			own.Description = text
		}
	}
	_, err = c.table(h.place).Update(ctx, bigquery.TableMetadataToUpdate{Schema: m.Schema}, m.ETag)
	return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "set the comment of a column of %s", h.place)
}

// Truncate empties a table.
func (c *Connector) Truncate(ctx context.Context, t *connector.Table) error {
	h, err := target(t)
	if err != nil {
		return err
	}
	_, err = c.run(ctx, h.Location, "TRUNCATE TABLE "+h.quoted())
	return err
}

// CanDelete reports whether BigQuery understands all of a constraint.
func (c *Connector) CanDelete(_ context.Context, t *connector.Table, constraint []connector.Domain) (bool, error) {
	h, err := target(t)
	if err != nil {
		return false, err
	}
	_, exact := h.restriction(t.Columns, constraint)
	return exact, nil
}

// Delete deletes the rows that satisfy a constraint.
func (c *Connector) Delete(ctx context.Context, t *connector.Table, constraint []connector.Domain) (int64, error) {
	h, err := target(t)
	if err != nil {
		return 0, err
	}
	where, exact := h.restriction(t.Columns, constraint)
	if !exact {
		return 0, trinoerr.New(trinoerr.GenericInternalError, "rows of %s cannot be deleted like that", t.Name)
	}
	if where == "" {
		where = "TRUE"
	}
	status, err := c.run(ctx, h.Location, "DELETE FROM "+h.quoted()+" WHERE "+where)
	if err != nil {
		return 0, err
	}
	if s, ok := status.Statistics.Details.(*bigquery.QueryStatistics); ok {
		return s.NumDMLAffectedRows, nil
	}
	return -1, nil
}

// AddColumn adds a column.
func (c *Connector) AddColumn(ctx context.Context, t *connector.Table, col connector.Column) error {
	h, err := target(t)
	if err != nil {
		return err
	}
	if col.NotNull {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support adding not null columns")
	}
	f, err := fieldOf(col.Name, col.Type)
	if err != nil {
		return err
	}
	if col.Comment != nil {
		f.Description = *col.Comment
	}
	m, err := c.metadata(ctx, h.place)
	if err != nil {
		return err
	}
	if m == nil {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s' does not exist", t.Name)
	}
	_, err = c.table(h.place).Update(ctx, bigquery.TableMetadataToUpdate{Schema: append(m.Schema, f)}, m.ETag)
	return failed(err, trinoerr.BigqueryFailedToExecuteQuery, "add a column to %s", h.place)
}

// DropColumn drops a column.
func (c *Connector) DropColumn(ctx context.Context, t *connector.Table, column string) error {
	return c.alterColumn(ctx, t, column, func(name string) string { return "DROP COLUMN " + name })
}

// RenameColumn renames a column.
func (c *Connector) RenameColumn(ctx context.Context, t *connector.Table, column, to string) error {
	return c.alterColumn(ctx, t, column, func(name string) string { return "RENAME COLUMN " + name + " TO " + quote(to) })
}

func (c *Connector) alterColumn(ctx context.Context, t *connector.Table, column string, change func(name string) string) error {
	h, err := target(t)
	if err != nil {
		return err
	}
	f := h.field(column)
	if f == nil {
		return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", column)
	}
	_, err = c.run(ctx, h.Location, "ALTER TABLE "+h.quoted()+" "+change(quote(f.Name)))
	return err
}

// RenameTable renames a table within its dataset.
func (c *Connector) RenameTable(ctx context.Context, t *connector.Table, to connector.SchemaTable) error {
	h, err := target(t)
	if err != nil {
		return err
	}
	if to.Schema != t.Name.Schema {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support renaming tables across schemas")
	}
	_, err = c.run(ctx, h.Location, "ALTER TABLE "+h.quoted()+" RENAME TO "+quote(to.Table))
	return err
}
