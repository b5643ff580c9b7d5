package connector

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// ColumnDescriber is a connector whose columns have properties: CREATE TABLE t (a bigint WITH (…)).
type ColumnDescriber interface {
	ColumnProperties() []Property
}

// PropertySetter is a connector whose tables' properties can be changed.
type PropertySetter interface {
	// SetProperties changes those that are given; nil is DEFAULT.
	SetProperties(ctx context.Context, t *Table, properties map[string]any) error
}

// ColumnTyper is a connector whose columns can get another type.
type ColumnTyper interface {
	SetColumnType(ctx context.Context, t *Table, column string, to types.Type) error
}

// ColumnPlacer is a ColumnAlterer that can add a column elsewhere than at the end.
type ColumnPlacer interface {
	// AddColumnAfter adds a column behind another one; in front of all if that is empty.
	AddColumnAfter(ctx context.Context, t *Table, c Column, after string) error
}

// FieldAlterer is a connector whose columns of rows can get and lose fields. A path is the names of a column and of the fields to go down
// from it, in lower case; it goes through the elements of arrays ("element") and the keys and values of maps ("key", "value").
type FieldAlterer interface {
	// AddField adds a field, which path names, at the end of its row.
	AddField(ctx context.Context, t *Table, path []string, typ types.Type) error
	DropField(ctx context.Context, t *Table, path []string) error
	RenameField(ctx context.Context, t *Table, path []string, to string) error
	SetFieldType(ctx context.Context, t *Table, path []string, to types.Type) error
}
