package iceberg

import (
	"context"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// SetProperties changes the partitioning of what is written from now on, the version of the format, and how often commits are tried again.
func (c *Connector) SetProperties(ctx context.Context, t *connector.Table, properties map[string]any) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		for name, value := range properties {
			var err error
			switch name {
			case propPartitioning:
				items, _ := value.([]string)
				err = repartition(tbl, tx, items)
			case propVersion:
				err = upgrade(tbl, tx, value, c.formatVersion)
			case propRetries:
				if n, ok := value.(int64); ok {
					err = tx.SetProperties(iceberg.Properties{propCommitRetries: strconv.FormatInt(n, 10)})
				} else {
					err = tx.RemoveProperties([]string{propCommitRetries})
				}
			case propFormat:
				if f, ok := value.(string); ok {
					err = checkFormat(f)
				}
			default:
				err = trinoerr.New(trinoerr.NotSupported, "The following properties cannot be updated: %s", name)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func upgrade(tbl *table.Table, tx *table.Transaction, value any, byDefault int) error {
	version := byDefault
	if v, ok := value.(int64); ok {
		version = int(v)
	}
	if version < 1 || version > maxFormatVersion {
		return trinoerr.New(trinoerr.InvalidTableProperty, "%s must be between 1 and %d", propVersion, maxFormatVersion)
	}
	if version < tbl.Metadata().Version() {
		return trinoerr.New(trinoerr.InvalidTableProperty, "Cannot downgrade v%d table to v%d", tbl.Metadata().Version(), version)
	}
	return tx.UpgradeFormatVersion(version)
}

// repartition changes the partition spec: fields that are in both stay, with their ids.
func repartition(tbl *table.Table, tx *table.Transaction, items []string) error {
	to, err := parsePartitioning(items, tbl.Schema())
	if err != nil {
		return err
	}
	from := tbl.Spec()
	same := func(a, b iceberg.PartitionField) bool {
		return a.SourceID() == b.SourceID() && a.Transform.Equals(b.Transform)
	}
	has := func(spec *iceberg.PartitionSpec, f iceberg.PartitionField) bool {
		for _, g := range spec.Fields() {
			if same(f, g) {
				return true
			}
		}
		return false
	}
	update := tx.UpdateSpec(true)
	changed := false
	for _, f := range from.Fields() {
		if !has(to, f) {
			update, changed = update.RemoveField(f.Name), true
		}
	}
	for _, f := range to.Fields() {
		if !has(&from, f) {
			name, _ := tbl.Schema().FindColumnName(f.SourceID())
			update, changed = update.AddField(name, f.Transform, f.Name), true
		}
	}
	if !changed {
		return nil
	}
	return update.Commit()
}

// SetColumnType gives a column a wider type, which its files need not have.
func (c *Connector) SetColumnType(ctx context.Context, t *connector.Table, column string, to types.Type) error {
	return c.SetFieldType(ctx, t, []string{column}, to)
}

// AddColumnAfter adds a column behind another, or in front of all.
func (c *Connector) AddColumnAfter(ctx context.Context, t *connector.Table, col connector.Column, after string) error {
	return c.addColumn(ctx, t, col, func(tbl *table.Table, u *table.UpdateSchema) *table.UpdateSchema {
		if after == "" {
			return u.MoveFirst([]string{col.Name})
		}
		return u.MoveAfter([]string{col.Name}, columnPath(tbl, after))
	})
}

// fieldPath is the path of a field in the case that the table has it.
func fieldPath(tbl *table.Table, path []string) []string {
	out := make([]string, 0, len(path))
	fields := tbl.Schema().Fields()
	for _, name := range path {
		for _, f := range fields {
			if strings.EqualFold(f.Name, name) {
				name = f.Name
				fields = fieldsOf(f.Type)
				break
			}
		}
		out = append(out, name)
	}
	return out
}

// fieldsOf are the fields within a type.
func fieldsOf(t iceberg.Type) []iceberg.NestedField {
	if n, ok := t.(iceberg.NestedType); ok {
		return n.Fields()
	}
	return nil
}

// AddField adds a field to a row.
func (c *Connector) AddField(ctx context.Context, t *connector.Table, path []string, typ types.Type) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		it, err := icebergType(typ, &idSource{last: tbl.Metadata().LastColumnID()})
		if err != nil {
			return err
		}
		return tx.UpdateSchema(true, false).AddColumn(fieldPath(tbl, path), it, "", false, nil).Commit()
	})
}

// DropField drops a field of a row.
func (c *Connector) DropField(ctx context.Context, t *connector.Table, path []string) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		return tx.UpdateSchema(true, false).DeleteColumn(fieldPath(tbl, path)).Commit()
	})
}

// RenameField renames a field of a row.
func (c *Connector) RenameField(ctx context.Context, t *connector.Table, path []string, to string) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		return tx.UpdateSchema(true, false).RenameColumn(fieldPath(tbl, path), to).Commit()
	})
}

// SetFieldType gives a field a wider type.
func (c *Connector) SetFieldType(ctx context.Context, t *connector.Table, path []string, to types.Type) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		it, err := icebergType(to, &idSource{last: tbl.Metadata().LastColumnID()})
		if err != nil {
			return err
		}
		err = tx.UpdateSchema(true, false).UpdateColumn(fieldPath(tbl, path),
			table.ColumnUpdate{FieldType: iceberg.Optional[iceberg.Type]{Val: it, Valid: true}}).Commit()
		return trinoerr.Wrap(err, trinoerr.NotSupported, "Failed to set column type")
	})
}

// DropNotNull lets a column be NULL.
func (c *Connector) DropNotNull(ctx context.Context, t *connector.Table, column string) error {
	return c.update(ctx, t, func(tbl *table.Table, tx *table.Transaction) error {
		return tx.UpdateSchema(true, false).UpdateColumn(columnPath(tbl, column),
			table.ColumnUpdate{Required: iceberg.Optional[bool]{Val: false, Valid: true}}).Commit()
	})
}
