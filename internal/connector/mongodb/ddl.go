package mongodb

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// CreateSchema makes a database, which exists by the collection of definitions.
func (c *Connector) CreateSchema(ctx context.Context, name string, _ map[string]any) error {
	names, err := c.Schemas(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(names, name) {
		return trinoerr.New(trinoerr.SchemaAlreadyExists, "Schema '%s.%s' already exists", c.catalog, name)
	}
	return failed(c.client.Database(name).CreateCollection(ctx, c.settings.schemaCollection), "create database %s", name)
}

// DropSchema drops a database.
func (c *Connector) DropSchema(ctx context.Context, name string, cascade bool) error {
	database, err := c.database(ctx, name)
	if err != nil {
		return err
	}
	there, err := c.client.Database(database).ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return failed(err, "list the collections of %s", database)
	}
	if len(there) == 0 || systemDatabases[database] { // a database without collections is none
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s.%s' does not exist", c.catalog, name)
	}
	if !cascade {
		tables, err := c.collections(ctx, database)
		if err != nil {
			return err
		}
		if len(tables) > 0 {
			return trinoerr.New(trinoerr.SchemaNotEmpty, "Cannot drop non-empty schema '%s'", name)
		}
	}
	return failed(c.client.Database(database).Drop(ctx), "drop database %s", database)
}

// newDefinition is the definition of a new table.
func newDefinition(t *connector.Table, at place) (*definition, error) {
	d := &definition{Table: at.Collection, Comment: t.Comment, Fields: []field{idField}}
	for _, col := range t.Columns {
		if col.Name == id {
			return nil, trinoerr.New(trinoerr.NotSupported, "A column of the name %s is there already: it is hidden", id)
		}
		f, err := fieldOf(col)
		if err != nil {
			return nil, err
		}
		d.Fields = append(d.Fields, f)
	}
	return d, nil
}

// maxNameBytes is how long the names of a database and a collection together may be.
const maxNameBytes = 120

func checkName(at place) error {
	if len(at.String()) > maxNameBytes {
		return trinoerr.New(trinoerr.NotSupported, "Qualified identifier name must be shorter than or equal to '%d' bytes: '%s'", maxNameBytes, at)
	}
	return nil
}

// CreateTable defines a collection and makes it.
func (c *Connector) CreateTable(ctx context.Context, t *connector.Table) error {
	at, err := c.at(ctx, t.Name)
	if err != nil {
		return err
	}
	d, err := newDefinition(t, at)
	if err != nil {
		return err
	}
	if err := checkName(at); err != nil {
		return err
	}
	return c.create(ctx, t.Name, at, d)
}

// create defines a collection and makes it. One that was made by the same query is there already.
func (c *Connector) create(ctx context.Context, name connector.SchemaTable, at place, d *definition) error {
	schemas, err := c.Schemas(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(schemas, name.Schema) {
		return trinoerr.New(trinoerr.SchemaNotFound, "Schema %s not found", name.Schema)
	}
	old, err := c.definition(ctx, at)
	if err != nil {
		return err
	}
	ours := old != nil && d.Query != "" && old.Query == d.Query
	if there, _, err := c.kindOf(ctx, at); err != nil {
		return err
	} else if (there || old != nil) && !ours {
		return trinoerr.New(trinoerr.TableAlreadyExists, "Table '%s.%s' already exists", c.catalog, name)
	}
	if !ours {
		if _, err := c.definitions(at.Database).InsertOne(ctx, d); err != nil {
			return failed(err, "define %s", at)
		}
	}
	if err := c.client.Database(at.Database).CreateCollection(ctx, at.Collection); err != nil && !exists(err) {
		return failed(err, "create %s", at)
	}
	return nil
}

// DropTable drops a collection and its definition.
func (c *Connector) DropTable(ctx context.Context, t *connector.Table) error {
	h, err := readHandle(t.Handle)
	if err != nil {
		return err
	}
	if _, err := c.definitions(h.Database).DeleteMany(ctx, bson.D{{Key: "table", Value: h.Collection}}); err != nil {
		return failed(err, "drop the definition of %s", h.place)
	}
	return failed(c.collection(h.place).Drop(ctx), "drop %s", h.place)
}

// RenameTable renames a collection.
func (c *Connector) RenameTable(ctx context.Context, t *connector.Table, to connector.SchemaTable) error {
	h, err := readHandle(t.Handle)
	if err != nil {
		return err
	}
	target, err := c.at(ctx, to)
	if err != nil {
		return err
	}
	if err := checkName(target); err != nil {
		return err
	}
	d, err := c.definition(ctx, h.place)
	if err != nil {
		return err
	}
	if there, _, err := c.kindOf(ctx, h.place); err != nil {
		return err
	} else if there {
		command := bson.D{{Key: "renameCollection", Value: h.String()}, {Key: "to", Value: target.String()}}
		if err := c.client.Database("admin").RunCommand(ctx, command).Err(); err != nil {
			return failed(err, "rename %s to %s", h.place, target)
		}
	}
	if d == nil {
		return nil
	}
	d.Table = target.Collection
	if _, err := c.definitions(target.Database).InsertOne(ctx, d); err != nil {
		return failed(err, "define %s", target)
	}
	_, err = c.definitions(h.Database).DeleteMany(ctx, bson.D{{Key: "table", Value: h.Collection}})
	return failed(err, "drop the definition of %s", h.place)
}

// change changes the definition of a table, and then, when update is not nil, all documents.
func (c *Connector) change(ctx context.Context, t *connector.Table, change func(h *handle, d *definition) error, update func(h *handle) bson.D) error {
	h, err := readHandle(t.Handle)
	if err != nil {
		return err
	}
	if err := c.redefine(ctx, h.place, func(d *definition) error { return change(&h, d) }); err != nil || update == nil {
		return err
	}
	_, err = c.collection(h.place).UpdateMany(ctx, bson.D{}, update(&h))
	return failed(err, "change the documents of %s", h.place)
}

// AddColumn adds a column, which no document has.
func (c *Connector) AddColumn(ctx context.Context, t *connector.Table, col connector.Column) error {
	f, err := fieldOf(col)
	if err != nil {
		return err
	}
	return c.change(ctx, t, func(_ *handle, d *definition) error {
		d.Fields = append(d.Fields, f)
		return nil
	}, nil)
}

// DropColumn drops a column, and its field in all documents.
func (c *Connector) DropColumn(ctx context.Context, t *connector.Table, column string) error {
	return c.change(ctx, t, func(h *handle, d *definition) error {
		name := h.field(column).Name
		d.Fields = slices.DeleteFunc(d.Fields, func(f field) bool { return f.Name == name })
		return nil
	}, func(h *handle) bson.D {
		return bson.D{{Key: "$unset", Value: bson.D{{Key: h.field(column).Name, Value: ""}}}}
	})
}

// RenameColumn renames a column, and its field in all documents.
func (c *Connector) RenameColumn(ctx context.Context, t *connector.Table, column, to string) error {
	if column == id {
		return trinoerr.New(trinoerr.NotSupported, "The column %s cannot be renamed", id)
	}
	return c.change(ctx, t, func(h *handle, d *definition) error {
		return d.with(h.field(column).Name, func(f *field) { f.Name = to })
	}, func(h *handle) bson.D {
		return bson.D{{Key: "$rename", Value: bson.D{{Key: h.field(column).Name, Value: to}}}}
	})
}

// SetColumnType changes the type of a column; documents stay as they are.
func (c *Connector) SetColumnType(ctx context.Context, t *connector.Table, column string, to types.Type) error {
	return c.change(ctx, t, func(h *handle, d *definition) error {
		return d.with(h.field(column).Name, func(f *field) { f.Type = to.String() }, func(f field) error {
			from, err := typeOf(f)
			if err == nil && !convertible(from, to) {
				err = trinoerr.New(trinoerr.NotSupported, "Cannot change type from %s to %s", from, to)
			}
			return err
		})
	}, nil)
}

// convertible reports whether values of a type can be read as another one: Trino's list.
func convertible(from, to types.Type) bool {
	integers := []types.Kind{types.TinyInt, types.SmallInt, types.Integer, types.BigInt}
	text := func(t types.Type) bool { return t.Kind == types.Varchar || t.Kind == types.Char }
	switch a, b := slices.Index(integers, from.Kind), slices.Index(integers, to.Kind); {
	case from.Equal(to):
		return true
	case a >= 0 && b >= 0:
		return a < b
	case from.Kind == types.Real:
		return to.Kind == types.Double
	case text(from):
		return text(to)
	case from.Kind == types.Decimal && to.Kind == types.Decimal:
		return from.S == to.S && from.P <= to.P && to.P <= 34
	case from.Kind == types.Array && to.Kind == types.Array:
		return convertible(from.Elem(0), to.Elem(0))
	}
	return false
}

// with changes a field that satisfies the checks.
func (d *definition) with(name string, change func(*field), checks ...func(field) error) error {
	for i := range d.Fields {
		if d.Fields[i].Name != name {
			continue
		}
		for _, check := range checks {
			if err := check(d.Fields[i]); err != nil {
				return err
			}
		}
		change(&d.Fields[i])
		return nil
	}
	return trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
}

// SetComment sets a comment.
func (c *Connector) SetComment(ctx context.Context, t *connector.Table, column string, comment *string) error {
	return c.change(ctx, t, func(h *handle, d *definition) error {
		if column == "" {
			d.Comment = comment
			return nil
		}
		return d.with(h.field(column).Name, func(f *field) { f.Comment = comment })
	}, nil)
}
