package delta

import (
	"errors"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// failure gives what is wrong with a table's log Trino's identity.
func failure(err error, name connector.SchemaTable) error {
	if e, ok := errors.AsType[*deltalog.Error](err); ok {
		switch {
		case e.Unsupported:
			return trinoerr.New(trinoerr.NotSupported, "Table %s: %s", name, e.Msg)
		case e.Missing:
			return trinoerr.New(trinoerr.DeltaLakeInvalidTable, "Error getting snapshot for %s: %s", name, e.Msg)
		}
		return trinoerr.New(trinoerr.DeltaLakeInvalidSchema, "Error getting snapshot for %s: %s", name, e.Msg)
	}
	if errors.Is(err, filesystem.ErrNotFound) {
		return trinoerr.Wrap(err, trinoerr.DeltaLakeFilesystemError, "A file of table %s is gone", name)
	}
	return err
}

func conflict(name connector.SchemaTable, what string) error {
	return trinoerr.New(trinoerr.TransactionConflict, "Conflicting concurrent writes found. %s: table %s", what, name)
}
