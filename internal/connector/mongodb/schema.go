package mongodb

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// place is a collection, by MongoDB's names.
type place struct {
	Database   string `json:"database"`
	Collection string `json:"collection"`
}

func (p place) String() string { return p.Database + "." + p.Collection }

// handle is what tasks have to know of a table.
type handle struct {
	place
	// Fields are those whose names are not the columns', or whose values are ids; ascending by column.
	Fields []handleField `json:"fields,omitempty"`
	// Filter, when not empty, is what the table function query was given: documents that do not satisfy it are not in the table.
	Filter string `json:"filter,omitempty"`
	// View says that this is one of MongoDB's views, which cannot be cut.
	View bool `json:"view,omitempty"`
}

type handleField struct {
	Column   string `json:"column"`
	Name     string `json:"name"`
	ObjectID bool   `json:"objectId,omitempty"`
}

func readHandle(raw json.RawMessage) (handle, error) {
	var h handle
	err := json.Unmarshal(raw, &h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of a MongoDB table")
}

// field is what documents call a column.
func (h *handle) field(column string) handleField {
	if i := slices.IndexFunc(h.Fields, func(f handleField) bool { return f.Column == column }); i >= 0 {
		return h.Fields[i]
	}
	return handleField{Column: column, Name: column}
}

func (c *Connector) collection(at place) *mongo.Collection {
	return c.client.Database(at.Database).Collection(at.Collection)
}

// systemDatabases are MongoDB's own.
var systemDatabases = map[string]bool{"admin": true, "local": true, "config": true}

// databases lists the databases, sorted.
func (c *Connector) databases(ctx context.Context) ([]string, error) {
	list, err := c.client.ListDatabases(ctx, bson.D{})
	if err != nil {
		return nil, failed(err, "list databases")
	}
	var names []string
	for _, d := range list.Databases {
		if !systemDatabases[d.Name] && !d.Empty { // one without collections is none
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Schemas lists the databases.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) {
	names, err := c.databases(ctx)
	return lowered(names), err
}

func lowered(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// database is the database of a schema: one of that name, or with case-insensitive matching the first that differs in case.
func (c *Connector) database(ctx context.Context, schema string) (string, error) {
	if !c.settings.caseInsensitive {
		return schema, nil
	}
	names, err := c.databases(ctx)
	return matching(names, schema), err
}

func matching(names []string, name string) string {
	if !slices.Contains(names, name) {
		for _, n := range names {
			if strings.ToLower(n) == name {
				return n
			}
		}
	}
	return name
}

// collections lists the collections of a database, sorted, with those that are only defined.
func (c *Connector) collections(ctx context.Context, database string) ([]string, error) {
	names, err := c.client.Database(database).ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, failed(err, "list the collections of %s", database)
	}
	if slices.Contains(names, c.settings.schemaCollection) {
		cursor, err := c.definitions(database).Find(ctx, bson.D{})
		if err != nil {
			return nil, failed(err, "list the definitions of %s", database)
		}
		var list []definition
		if err := cursor.All(ctx, &list); err != nil {
			return nil, failed(err, "list the definitions of %s", database)
		}
		for _, d := range list {
			names = append(names, d.Table)
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool {
		return n == c.settings.schemaCollection || strings.HasPrefix(n, "system.") || strings.HasPrefix(n, stagingPrefix)
	})
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Tables lists the collections of a database.
func (c *Connector) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	database, err := c.database(ctx, schema)
	if err != nil {
		return nil, err
	}
	names, err := c.collections(ctx, database)
	var out []connector.TableName
	for _, n := range lowered(names) {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: n}})
	}
	return out, err
}

// at is where a table is, or would be.
func (c *Connector) at(ctx context.Context, name connector.SchemaTable) (place, error) {
	database, err := c.database(ctx, name.Schema)
	if err != nil || !c.settings.caseInsensitive {
		return place{database, name.Table}, err
	}
	names, err := c.collections(ctx, database)
	return place{database, matching(names, name.Table)}, err
}

// kindOf tells whether there is a collection, and whether it is a view.
func (c *Connector) kindOf(ctx context.Context, at place) (there, view bool, err error) {
	list, err := c.client.Database(at.Database).ListCollectionSpecifications(ctx, bson.D{{Key: "name", Value: at.Collection}})
	if err != nil {
		return false, false, failed(err, "look for %s", at)
	}
	for _, found := range list {
		if found.Name == at.Collection { // servers that are like MongoDB may not heed the filter
			return true, found.Type == "view", nil
		}
	}
	return false, false, nil
}

// Table describes a collection.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	at, err := c.at(ctx, name)
	if err != nil || at.Collection == c.settings.schemaCollection || strings.HasPrefix(at.Collection, "system.") {
		return nil, err
	}
	there, view, err := c.kindOf(ctx, at)
	if err != nil {
		return nil, err
	}
	d, err := c.definition(ctx, at)
	if err == nil && d == nil && there {
		d, err = c.guess(ctx, at)
	}
	if err != nil || d == nil {
		return nil, err
	}
	t := &connector.Table{Name: name, Comment: d.Comment}
	h := handle{place: at, View: view}
	slices.SortStableFunc(d.Fields, func(a, b field) int { return int(boolean(a.Hidden)) - int(boolean(b.Hidden)) })
	for _, f := range d.Fields {
		col, err := f.column()
		if err != nil {
			return nil, err
		}
		t.Columns = append(t.Columns, col)
		if isID := strings.EqualFold(f.Type, objectID); isID || f.Name != col.Name {
			h.Fields = append(h.Fields, handleField{Column: col.Name, Name: f.Name, ObjectID: isID})
		}
	}
	slices.SortFunc(h.Fields, func(a, b handleField) int { return strings.Compare(a.Column, b.Column) })
	t.Handle, err = json.Marshal(h)
	return t, err
}

// Statistics knows about how many documents there are.
func (c *Connector) Statistics(ctx context.Context, scan connector.Scan) (connector.Statistics, error) {
	h, err := readHandle(scan.Handle)
	if err != nil || h.View || h.Filter != "" || len(scan.Constraint) > 0 {
		return connector.Statistics{Rows: -1}, err
	}
	n, err := c.documents(ctx, h.place)
	return connector.Statistics{Rows: float64(n)}, err
}

// counted is what the number of documents is remembered by: another catalog may have a collection of the same name.
type counted struct {
	c  *Connector
	at place
}

// documents is about how many a collection has, as its metadata say.
func (c *Connector) documents(ctx context.Context, at place) (int64, error) {
	return connector.Remember(ctx, counted{c, at}, func(int64) int { return 1 }, func() (int64, error) {
		n, err := c.collection(at).EstimatedDocumentCount(ctx)
		return n, failed(err, "count the documents of %s", at)
	})
}
