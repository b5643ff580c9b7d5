package delta

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// alter changes the definition of a table.
func (c *Connector) alter(ctx context.Context, def *connector.Table, operation string, f func(t *table, p *deltalog.Protocol, m *deltalog.Metadata) error) error {
	h, err := readHandle(def.Handle, def.Name)
	if err != nil {
		return err
	}
	t, err := c.current(ctx, *h)
	if err != nil {
		return err
	}
	if err := t.snapshot.Protocol.Writable(); err != nil {
		return failure(err, t.Name)
	}
	p, m := t.snapshot.Protocol, t.snapshot.Metadata
	m.Configuration = map[string]string{}
	for k, v := range t.snapshot.Metadata.Configuration {
		m.Configuration[k] = v
	}
	if err := f(t, &p, &m); err != nil {
		return err
	}
	tx := c.change(ctx, t, operation)
	if p.MinWriterVersion != t.snapshot.Protocol.MinWriterVersion || len(p.WriterFeatures) != len(t.snapshot.Protocol.WriterFeatures) {
		tx.actions = append(tx.actions, deltalog.Action{Protocol: &p})
	}
	tx.actions = append(tx.actions, deltalog.Action{Metadata: &m})
	return c.finish(ctx, tx)
}

// alterFields changes the columns of a table.
func (c *Connector) alterFields(ctx context.Context, def *connector.Table, operation string,
	f func(t *table, fields []deltalog.Field, p *deltalog.Protocol, m *deltalog.Metadata) ([]deltalog.Field, error)) error {
	return c.alter(ctx, def, operation, func(t *table, p *deltalog.Protocol, m *deltalog.Metadata) error {
		fields, err := f(t, slices.Clone(t.fields), p, m)
		if err != nil {
			return err
		}
		m.SchemaString, err = deltalog.FormatSchema(fields)
		return err
	})
}

// position finds a column among the fields.
func position(fields []deltalog.Field, name string) (int, error) {
	i := slices.IndexFunc(fields, func(f deltalog.Field) bool { return strings.EqualFold(f.Name, name) })
	if i < 0 {
		return 0, trinoerr.New(trinoerr.ColumnNotFound, "Column '%s' does not exist", name)
	}
	return i, nil
}

// AddColumn adds a column at the end: older files do not have it.
func (c *Connector) AddColumn(ctx context.Context, def *connector.Table, col connector.Column) error {
	return c.alterFields(ctx, def, "ADD COLUMNS", func(t *table, fields []deltalog.Field, p *deltalog.Protocol, m *deltalog.Metadata) ([]deltalog.Field, error) {
		if col.NotNull {
			return nil, trinoerr.New(trinoerr.NotSupported, "Unable to add NOT NULL column '%s' for non-empty table: %s", col.Name, t.Name)
		}
		added, err := newFields([]connector.Column{col})
		if err != nil {
			return nil, err
		}
		if t.mode != deltalog.MapNone {
			last, err := strconv.Atoi(m.Configuration[deltalog.PropMaxColumn])
			if err != nil {
				return nil, trinoerr.New(trinoerr.DeltaLakeInvalidSchema, "Table %s has no %s", t.Name, deltalog.PropMaxColumn)
			}
			m.Configuration[deltalog.PropMaxColumn] = strconv.Itoa(mapFields(added, last))
		}
		if hasPlainTimestamp(&added[0].Type) {
			p.Require(deltalog.TimestampNTZ)
		}
		return append(fields, added...), nil
	})
}

// DropColumn drops a column of a table whose columns are mapped: files keep it.
func (c *Connector) DropColumn(ctx context.Context, def *connector.Table, column string) error {
	return c.alterFields(ctx, def, "DROP COLUMNS", func(t *table, fields []deltalog.Field, _ *deltalog.Protocol, _ *deltalog.Metadata) ([]deltalog.Field, error) {
		i, err := position(fields, column)
		switch {
		case err != nil:
			return nil, err
		case t.mode == deltalog.MapNone:
			return nil, trinoerr.New(trinoerr.NotSupported, "Cannot drop column from table using column mapping mode NONE")
		case slices.Contains(t.Partitions, fields[i].Name):
			return nil, trinoerr.New(trinoerr.NotSupported, "Cannot drop partition column: %s", column)
		case len(fields) == 1:
			return nil, trinoerr.New(trinoerr.NotSupported, "Cannot drop the only column in a table")
		}
		return slices.Delete(fields, i, i+1), nil
	})
}

// RenameColumn renames a column of a table whose columns are mapped: files keep its name.
func (c *Connector) RenameColumn(ctx context.Context, def *connector.Table, column, to string) error {
	return c.alterFields(ctx, def, "RENAME COLUMN", func(t *table, fields []deltalog.Field, _ *deltalog.Protocol, m *deltalog.Metadata) ([]deltalog.Field, error) {
		i, err := position(fields, column)
		if err != nil {
			return nil, err
		}
		if t.mode == deltalog.MapNone {
			return nil, trinoerr.New(trinoerr.NotSupported, "Cannot rename column in table using column mapping mode NONE")
		}
		m.PartitionColumns = slices.Clone(m.PartitionColumns)
		for k, name := range m.PartitionColumns {
			if name == fields[i].Name {
				m.PartitionColumns[k] = to
			}
		}
		fields[i].Name = to
		return fields, nil
	})
}

// DropNotNull lets a column have NULLs.
func (c *Connector) DropNotNull(ctx context.Context, def *connector.Table, column string) error {
	return c.alterFields(ctx, def, "CHANGE COLUMN", func(_ *table, fields []deltalog.Field, _ *deltalog.Protocol, _ *deltalog.Metadata) ([]deltalog.Field, error) {
		i, err := position(fields, column)
		if err == nil {
			fields[i].Nullable = true
		}
		return fields, err
	})
}

// SetComment sets the comment of a table or of a column.
func (c *Connector) SetComment(ctx context.Context, def *connector.Table, column string, comment *string) error {
	if column == "" {
		return c.alter(ctx, def, "COMMENT", func(_ *table, _ *deltalog.Protocol, m *deltalog.Metadata) error {
			m.Description = comment
			return nil
		})
	}
	return c.alterFields(ctx, def, "CHANGE COLUMN", func(_ *table, fields []deltalog.Field, _ *deltalog.Protocol, _ *deltalog.Metadata) ([]deltalog.Field, error) {
		i, err := position(fields, column)
		if err == nil {
			fields[i].SetComment(comment)
		}
		return fields, err
	})
}

// SetProperties changes properties of a table.
func (c *Connector) SetProperties(ctx context.Context, def *connector.Table, properties map[string]any) error {
	return c.alter(ctx, def, "SET TBLPROPERTIES", func(t *table, p *deltalog.Protocol, m *deltalog.Metadata) error {
		for name, value := range properties {
			switch name {
			case propFeed:
				if on, _ := value.(bool); on {
					if p.MinWriterVersion < 4 {
						p.MinWriterVersion = 4
					}
					p.Require(deltalog.ChangeDataFeed)
					m.Configuration[deltalog.PropChangeFeed] = "true"
				} else {
					m.Configuration[deltalog.PropChangeFeed] = "false"
				}
			case propVectors:
				if on, _ := value.(bool); on {
					p.Require(deltalog.DeletionVectors)
					m.Configuration[deltalog.PropVectors] = "true"
				} else {
					m.Configuration[deltalog.PropVectors] = "false"
				}
			case propMapping:
				text, _ := value.(string)
				if err := enableMapping(t, p, m, deltalog.MappingMode(strings.ToLower(text))); err != nil {
					return err
				}
			default:
				return trinoerr.New(trinoerr.NotSupported, "The following properties cannot be updated: %s", name)
			}
		}
		return nil
	})
}

// enableMapping begins to map the columns of a table: files keep the names that they have.
func enableMapping(t *table, p *deltalog.Protocol, m *deltalog.Metadata, mode deltalog.MappingMode) error {
	if mode == t.mode {
		return nil
	}
	if t.mode != deltalog.MapNone || mode != deltalog.MapName {
		return trinoerr.New(trinoerr.NotSupported, "Changing column mapping mode from '%s' to '%s' is not supported", t.mode, mode)
	}
	if p.MinWriterVersion < 5 {
		p.MinReaderVersion, p.MinWriterVersion = max(p.MinReaderVersion, 2), 5
	}
	p.Require(deltalog.ColumnMapping)
	fields := slices.Clone(t.fields)
	m.Configuration[deltalog.PropMaxColumn] = strconv.Itoa(deltalog.MapAsNamed(fields, 0))
	m.Configuration[deltalog.PropMapping] = string(mode)
	var err error
	m.SchemaString, err = deltalog.FormatSchema(fields)
	return err
}
