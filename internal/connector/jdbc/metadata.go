package jdbc

import (
	"context"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Keys of what is remembered.
type (
	schemasKey  struct{}
	tablesKey   struct{ schema string }
	describeKey struct{ name Name }
)

func some[T any](list []T) bool { return len(list) > 0 }

// remoteSchemas lists schemas with their names in the database.
func (c *Connector) remoteSchemas(ctx context.Context) ([]string, error) {
	return remembered(ctx, c, schemasKey{}, some, func() ([]string, error) {
		list, err := c.dialect.Schemas(ctx, c.reads)
		return list, c.failed(err)
	})
}

// remoteTables lists tables with their names in the database.
func (c *Connector) remoteTables(ctx context.Context, schema string) ([]string, error) {
	return remembered(ctx, c, tablesKey{schema}, some, func() ([]string, error) {
		list, err := c.dialect.Tables(ctx, c.reads, schema)
		return list, c.failed(err)
	})
}

// Schemas lists the schemas.
func (c *Connector) Schemas(ctx context.Context) ([]string, error) {
	list, err := c.remoteSchemas(ctx)
	return lowered(list), err
}

// lowered are names as SQL sees them: in lower case, sorted.
func lowered(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = strings.ToLower(n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Tables lists the tables of a schema. The database's views are tables.
func (c *Connector) Tables(ctx context.Context, schema string) ([]connector.TableName, error) {
	remote, found, err := c.schema(ctx, schema)
	if err != nil || !found {
		return nil, err
	}
	names, err := c.remoteTables(ctx, remote)
	if err != nil {
		return nil, err
	}
	var out []connector.TableName
	for _, n := range lowered(names) {
		out = append(out, connector.TableName{SchemaTable: connector.SchemaTable{Schema: schema, Table: n}})
	}
	return out, nil
}

// schema finds the name that a schema has in the database. Unless case does not matter it is in the letters of a name that is
// not quoted, and whether it is there shows later.
func (c *Connector) schema(ctx context.Context, name string) (string, bool, error) {
	if c.Settings().CaseSensitive {
		return c.stored(name), true, nil
	}
	return c.matched("schema", name, schemasKey{}, func() ([]string, error) { return c.remoteSchemas(ctx) })
}

// table finds the name that a table has in the database.
func (c *Connector) table(ctx context.Context, name connector.SchemaTable) (Name, bool, error) {
	schema, found, err := c.schema(ctx, name.Schema)
	if err != nil || !found {
		return Name{}, false, err
	}
	if c.Settings().CaseSensitive {
		return Name{schema, c.stored(name.Table)}, true, nil
	}
	table, found, err := c.matched("table", name.Table, tablesKey{schema}, func() ([]string, error) { return c.remoteTables(ctx, schema) })
	return Name{schema, table}, found, err
}

// matched finds a name, whatever its case, among those that were listed a while ago, or else among those that are listed now.
func (c *Connector) matched(what, name string, key any, list func() ([]string, error)) (string, bool, error) {
	if known, ok := c.names.get(key); ok {
		if stored, found, err := match(what, known.([]string), name); found || err != nil {
			return stored, found, err
		}
	}
	names, err := list()
	if err != nil {
		return "", false, err
	}
	c.names.put(key, names)
	return match(what, names, name)
}

// match finds a name among those of the database, whatever its case.
func match(what string, names []string, name string) (string, bool, error) {
	var same []string
	for _, n := range names {
		if strings.EqualFold(n, name) {
			same = append(same, n)
		}
	}
	switch len(same) {
	case 0:
		return "", false, nil
	case 1:
		return same[0], true, nil
	}
	slices.Sort(same)
	return "", false, trinoerr.New(trinoerr.JdbcError, "Failed to find remote %s name: Ambiguous name: %s (%s)", what, name, strings.Join(same, ", "))
}

// stored is a name as the database keeps one that is not quoted.
func (c *Connector) stored(name string) string {
	if u, ok := c.dialect.(UpperCase); ok && u.UpperCase() {
		return strings.ToUpper(name)
	}
	return name
}

// UpperCase is a dialect of a database that keeps names which are not quoted in upper case, if it says so.
type UpperCase interface{ UpperCase() bool }

// newTable is the name of a table to make in a schema that exists.
func (c *Connector) newTable(ctx context.Context, name connector.SchemaTable) (Name, error) {
	schema, found, err := c.schema(ctx, name.Schema)
	if err == nil && !found {
		err = trinoerr.New(trinoerr.SchemaNotFound, "Schema '%s' does not exist", name.Schema)
	}
	return Name{schema, c.stored(name.Table)}, err
}

// describe finds a table; nil when there is none.
func (c *Connector) describe(ctx context.Context, name Name) (*Description, error) {
	return remembered(ctx, c, describeKey{name}, func(d *Description) bool { return d != nil }, func() (*Description, error) {
		d, err := c.dialect.Describe(ctx, c.reads, name)
		return d, c.failed(err)
	})
}

// Table describes a table; nil when there is none.
func (c *Connector) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	remote, found, err := c.table(ctx, name)
	if err != nil || !found {
		return nil, err
	}
	d, err := c.describe(ctx, remote)
	if err != nil || d == nil {
		return nil, err
	}
	return c.tableOf(ctx, name, remote, d)
}

// tableOf is a table as the binder sees it, with the columns that can be read.
func (c *Connector) tableOf(ctx context.Context, name connector.SchemaTable, remote Name, d *Description) (_ *connector.Table, err error) {
	s := c.SettingsFor(ctx)
	r := &relation{Table: &remote, From: c.qualified(remote)}
	out := &connector.Table{Name: name, Comment: d.Comment}
	for i := range d.Columns {
		native := &d.Columns[i]
		m, ok := c.readAs(native, &s)
		if !ok {
			continue
		}
		r.Columns = append(r.Columns, c.columnOf(native, m))
		out.Columns = append(out.Columns, connector.Column{Name: strings.ToLower(native.Name), Type: m.Type, NotNull: native.NotNull, Comment: native.Comment})
	}
	if len(out.Columns) == 0 {
		return nil, trinoerr.New(trinoerr.NotFound, "Table '%s' has no supported columns (all %d columns are not supported)", name, len(d.Columns))
	}
	out.Handle, err = r.handle()
	return out, err
}

// columnOf is a column of a table as part of a relation.
func (c *Connector) columnOf(native *NativeColumn, m Mapping) column {
	quoted := c.dialect.Quote(native.Name)
	col := column{Name: strings.ToLower(native.Name), Type: m.Type, Ref: quoted, Compare: m.Compare, Remote: native.Name, Native: native.Type}
	if m.Read != "" {
		col.Value, col.ReadOnly = strings.ReplaceAll(m.Read, "%s", quoted), !m.Written
	}
	if m.Sort != "" {
		col.Sort = strings.ReplaceAll(m.Sort, "%s", quoted)
	}
	return col
}

// readAs says how a column is read: as the dialect has it, unless the settings say that it is read as text.
func (c *Connector) readAs(native *NativeColumn, s *Settings) (Mapping, bool) {
	asText, hasText := c.dialect.(TextCaster)
	if hasText && slices.ContainsFunc(s.MappedToVarchar, func(name string) bool { return strings.EqualFold(name, native.Base) }) {
		return Mapping{Type: types.Of(types.Varchar), Read: asText.CastToText()}, true
	}
	if m, ok := c.dialect.ReadAs(native, s); ok {
		return m, true
	}
	if hasText && s.UnsupportedTypes == ConvertUnsupported {
		return Mapping{Type: types.Of(types.Varchar), Read: asText.CastToText()}, true
	}
	return Mapping{}, false
}

// TextCaster is a dialect that shows values of any type as text.
type TextCaster interface {
	// CastToText is the SQL, with %s in place of the value.
	CastToText() string
}
