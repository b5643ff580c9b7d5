package iceberg

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Schema says where a schema's tables lie.
func (c *Connector) Schema(ctx context.Context, name string) (map[string]any, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	props, err := cat.LoadNamespaceProperties(ctx, namespace(name))
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return nil, nil
	}
	if err != nil {
		return nil, catalogError(err, "load namespace %s", name)
	}
	out := map[string]any{}
	if l := props[propLocation]; l != "" {
		out[propLocation] = l
	}
	return out, nil
}

// CreateSchema creates a schema.
func (c *Connector) CreateSchema(ctx context.Context, name string, properties map[string]any) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	props := iceberg.Properties{}
	if l, ok := properties[propLocation].(string); ok {
		if err := c.storage.files.Check(l); err != nil {
			return trinoerr.Wrap(err, trinoerr.InvalidSchemaProperty, "Invalid location URI: %s", l)
		}
		props[propLocation] = l
	}
	err = cat.CreateNamespace(ctx, namespace(name), props)
	if errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", c.name, name)
	}
	return catalogError(err, "create namespace %s", name)
}

// DropSchema drops a schema, with cascade together with its tables.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	tables, err := c.Tables(ctx, name)
	if err != nil {
		return err
	}
	if len(tables) > 0 && !cascade {
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	}
	for _, t := range tables {
		if err := c.drop(ctx, t.SchemaTable); err != nil {
			return err
		}
	}
	err = cat.DropNamespace(ctx, namespace(name))
	switch {
	case errors.Is(err, catalog.ErrNamespaceNotEmpty):
		return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
	case errors.Is(err, catalog.ErrNoSuchNamespace):
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.name, name)
	}
	return catalogError(err, "drop namespace %s", name)
}

// definition is what a table that is not there yet will be.
type definition struct {
	schema   *iceberg.Schema
	spec     *iceberg.PartitionSpec
	props    iceberg.Properties
	location string // empty when the catalog decides
}

// define turns a statement's table into Iceberg's terms.
func (c *Connector) define(ctx context.Context, t *connector.Table) (*definition, error) {
	d := &definition{}
	var err error
	if d.schema, err = newSchema(t.Columns); err != nil {
		return nil, err
	}
	items, _ := t.Properties[propPartitioning].([]string)
	if d.spec, err = parsePartitioning(items, d.schema); err != nil {
		return nil, err
	}
	if d.props, err = c.newProperties(ctx, t); err != nil {
		return nil, err
	}
	d.location, err = c.newLocation(ctx, t)
	return d, err
}

// newLocation is where a new table will lie: where the statement says, or in the schema's location under a name that no other table ever
// has. It is empty when only the catalog knows.
func (c *Connector) newLocation(ctx context.Context, t *connector.Table) (string, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return "", err
	}
	props, err := cat.LoadNamespaceProperties(ctx, namespace(t.Name.Schema))
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return "", trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", t.Name.Schema)
	}
	if err != nil {
		return "", catalogError(err, "load namespace %s", t.Name.Schema)
	}
	location, given := t.Properties[propLocation].(string)
	switch {
	case c.catalogType == hadoopCatalog && given:
		return "", trinoerr.New(trinoerr.NotSupported, "Tables of a catalog that is a directory cannot have a location of their own")
	case c.catalogType == hadoopCatalog:
		return filesystem.Join(c.hadoopDir, t.Name.Schema, t.Name.Table), nil
	case given:
		return location, trinoerr.Wrap(c.storage.files.Check(location), trinoerr.InvalidTableProperty, "Invalid location URI: %s", location)
	}
	name := url.PathEscape(t.Name.Table) // catalogs take locations for URIs
	if c.uniqueLocation {
		name += "-" + strings.ReplaceAll(uuid.NewString(), "-", "")
	}
	if base := props[propLocation]; base != "" {
		return filesystem.Join(base, name), nil
	}
	switch {
	case c.catalogType == jdbcCatalog:
		return filesystem.Join(c.jdbc.warehouse, t.Name.Schema, name), nil
	case c.catalogType == glueMetastore && c.glue.Warehouse == "":
		return "", trinoerr.New(trinoerr.HiveDatabaseLocationError, "Schema '%s' location cannot be determined", t.Name.Schema)
	case c.catalogType == glueMetastore:
		return filesystem.Join(c.glue.Warehouse, t.Name.Schema+".db", name), nil
	}
	return "", nil
}

// options are the definition as a catalog takes it.
func (d *definition) options() []catalog.CreateTableOpt {
	opts := []catalog.CreateTableOpt{catalog.WithPartitionSpec(d.spec), catalog.WithProperties(maps.Clone(d.props))}
	if d.location != "" {
		opts = append(opts, catalog.WithLocation(d.location))
	}
	return opts
}

// CreateTable creates an empty table.
func (c *Connector) CreateTable(ctx context.Context, t *connector.Table) error {
	d, err := c.define(ctx, t)
	if err != nil {
		return err
	}
	_, err = c.create(ctx, t.Name, d)
	return err
}

func (c *Connector) create(ctx context.Context, name connector.SchemaTable, d *definition) (*table.Table, error) {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return nil, err
	}
	opts := d.options()
	if c.catalogType == hadoopCatalog { // it knows the location, and takes none
		opts = opts[:2]
	}
	t, err := cat.CreateTable(ctx, identifier(name), d.schema, opts...)
	switch {
	case errors.Is(err, catalog.ErrTableAlreadyExists):
		return nil, trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.name, name)
	case errors.Is(err, catalog.ErrNoSuchNamespace):
		return nil, trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", name.Schema)
	}
	return t, catalogError(err, "create table %s", name)
}

// DropTable drops a table with its files.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	return c.drop(ctx, t.Name)
}

func (c *Connector) drop(ctx context.Context, name connector.SchemaTable) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	if p, ok := cat.(catalog.PurgeableTable); ok {
		err = p.PurgeTable(ctx, identifier(name))
	} else {
		err = cat.DropTable(ctx, identifier(name))
	}
	if errors.Is(err, catalog.ErrNoSuchTable) {
		return trinoerr.New(trinoerr.TableNotFound, "Table '%s.%s' does not exist", c.name, name)
	}
	return catalogError(err, "drop table %s", name)
}

// RenameTable renames a table; its files stay where they are.
func (c *Connector) RenameTable(ctx context.Context, t *connector.Table, to connector.SchemaTable) error {
	cat, err := c.catalog.get(ctx)
	if err != nil {
		return err
	}
	if c.catalogType == hadoopCatalog {
		return trinoerr.New(trinoerr.NotSupported, "Tables of a catalog that is a directory cannot be renamed")
	}
	_, err = cat.RenameTable(ctx, identifier(t.Name), identifier(to))
	if errors.Is(err, catalog.ErrNoSuchNamespace) {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.name, to.Schema)
	}
	return catalogError(err, "rename table %s", t.Name)
}

// update changes a table's metadata. A change that another one came before is tried again, against the table as it is then.
func (c *Connector) update(ctx context.Context, t *connector.Table, change func(tbl *table.Table, tx *table.Transaction) error) error {
	return c.commit(ctx, t.Name, "", func() (*table.Table, error) {
		tbl, _, err := c.changing(ctx, t)
		return tbl, err
	}, func(tbl *table.Table, tx *table.Transaction) error { return change(tbl, tx) })
}

// columnPath is the name of a column in the case that the table has it.
func columnPath(tbl *table.Table, column string) []string {
	if f, ok := tbl.Schema().FindFieldByNameCaseInsensitive(column); ok {
		return []string{f.Name}
	}
	return []string{column}
}

// AddColumn adds a column, NULL in all rows that are there.
func (c *Connector) AddColumn(ctx context.Context, t *connector.Table, col connector.Column) error {
	return c.addColumn(ctx, t, col, func(_ *table.Table, u *table.UpdateSchema) *table.UpdateSchema { return u })
}

func (c *Connector) addColumn(ctx context.Context, t *connector.Table, col connector.Column, place func(*table.Table, *table.UpdateSchema) *table.UpdateSchema) error {
	if col.NotNull {
		return trinoerr.New(trinoerr.NotSupported, "This connector does not support adding not null columns")
	}
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		typ, err := icebergType(col.Type, &idSource{last: tbl.Metadata().LastColumnID()})
		if err != nil {
			return err
		}
		doc := ""
		if col.Comment != nil {
			doc = *col.Comment
		}
		return place(tbl, tx.UpdateSchema(true, false).AddColumn([]string{col.Name}, typ, doc, false, nil)).Commit()
	})
}

// DropColumn drops a column that the table is not partitioned by.
func (c *Connector) DropColumn(ctx context.Context, t *connector.Table, column string) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		field, _ := tbl.Schema().FindFieldByNameCaseInsensitive(column)
		for _, spec := range tbl.Metadata().PartitionSpecs() {
			if len(spec.FieldsBySourceID(field.ID)) == 0 {
				continue
			}
			if spec.ID() == tbl.Metadata().DefaultPartitionSpec() {
				return trinoerr.New(trinoerr.NotSupported, "Cannot drop partition field: %s", column)
			}
			return trinoerr.New(trinoerr.NotSupported, "Cannot drop column which is used by an old partition spec: %s", column)
		}
		return tx.UpdateSchema(true, false).DeleteColumn(columnPath(tbl, column)).Commit()
	})
}

// RenameColumn renames a column; files know it by its id.
func (c *Connector) RenameColumn(ctx context.Context, t *connector.Table, column, to string) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		return tx.UpdateSchema(true, false).RenameColumn(columnPath(tbl, column), to).Commit()
	})
}

// SetComment sets the comment of a table or column.
func (c *Connector) SetComment(ctx context.Context, t *connector.Table, column string, comment *string) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		switch {
		case column != "":
			text := ""
			if comment != nil {
				text = *comment
			}
			return tx.UpdateSchema(true, false).UpdateColumn(columnPath(tbl, column),
				table.ColumnUpdate{Doc: iceberg.Optional[string]{Val: text, Valid: true}}).Commit()
		case comment != nil:
			return tx.SetProperties(iceberg.Properties{propComment: *comment})
		case tbl.Properties()[propComment] != "":
			return tx.RemoveProperties([]string{propComment})
		}
		return nil
	})
}
