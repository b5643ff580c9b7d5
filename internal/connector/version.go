package connector

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Versions is a connector that reads tables as they once were: FOR VERSION AS OF and FOR TIMESTAMP AS OF.
type Versions interface {
	// TableVersion describes a table as it was at a version, with the columns of then; nil without an error when there is no such
	// table. Its handle pins the version.
	TableVersion(ctx context.Context, name SchemaTable, v Version) (*Table, error)
}

// Version points to a version of a table.
type Version struct {
	// Timestamp says that it is a moment, and not a connector's own name or number of a version.
	Timestamp bool
	// Type is the SQL type of what the user has written: of a moment date, timestamp or timestamp with time zone.
	Type types.Type
	// Value is a value of the type, never NULL, in the Go representation of package types.
	Value any
}
