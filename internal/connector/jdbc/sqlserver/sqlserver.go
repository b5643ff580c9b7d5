// Package sqlserver is the connector to Microsoft SQL Server.
//
// There is no SQL Server to test it with: tests compare the SQL that it writes, and play back what its driver would give.
package sqlserver

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Factory makes the connectors of catalogs with connector.name=sqlserver.
var Factory = connector.Factory{Name: "sqlserver", Properties: properties, New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
	return jdbc.New(ctx, cfg, properties, Dialect{})
}}

var properties = func() *config.Table[jdbc.Settings] {
	t := jdbc.Table("SQL Server connector")
	t.Unsupported = append(slices.Clip(t.Unsupported),
		config.Defunct{Name: "sqlserver.snapshot-isolation.disabled", Use: "transactions have the isolation that the database has by default"},
		config.Defunct{Name: "sqlserver.bulk-copy-for-write.enabled", Use: "rows are written with INSERT"},
		config.Defunct{Name: "sqlserver.bulk-copy-for-write.lock-destination-table", Use: "rows are written with INSERT"},
		config.Defunct{Name: "sqlserver.experimental.stored-procedure-table-function-enabled", Use: "there is no table function for procedures"})
	return t
}()

// Dialect is SQL Server's, from version 2016 on.
type Dialect struct{}

// Quote quotes an identifier.
func (Dialect) Quote(name string) string { return "[" + strings.ReplaceAll(name, "]", "]]") + "]" }

// Text quotes a text.
func (Dialect) Text(value string) string { return "N'" + strings.ReplaceAll(value, "'", "''") + "'" }

// Literal renders a constant.
func (d Dialect) Literal(t types.Type, v any) (string, bool) {
	cast := func(text, as string, ok bool) (string, bool) {
		return "CAST('" + text + "' AS " + as + ")", ok
	}
	switch x := v.(type) {
	case bool:
		if x {
			return "1", true
		}
		return "0", true
	case float32:
		return strconv.FormatFloat(float64(x), 'e', -1, 32), finite(float64(x))
	case float64:
		return strconv.FormatFloat(x, 'e', -1, 64), finite(x)
	case []byte:
		return "0x" + hex.EncodeToString(x), true
	case string:
		return d.Text(x), t.Kind == types.Varchar || t.Kind == types.Char
	case types.DateValue:
		return cast(x.String(), "date", inYears(int64(x)))
	case types.TimeValue:
		return cast(types.Text(t, x), fmt.Sprintf("time(%d)", t.P), t.P <= 6)
	case types.TimestampValue:
		return cast(types.Text(t, x), fmt.Sprintf("datetime2(%d)", t.P), t.P <= 6 && inYears(types.FloorDiv(x.EpochMicros, microsOfDay)))
	case types.TimestampTZValue:
		at := types.TimestampValue{EpochMicros: x.EpochMillis*1000 + int64(x.PicosOfMilli)/1_000_000}
		return cast(types.Text(types.TimestampP(t.P), at)+" +00:00", fmt.Sprintf("datetimeoffset(%d)", t.P), t.P <= 6 && inYears(types.FloorDiv(at.EpochMicros, microsOfDay)))
	}
	return jdbc.Literal(d, t, v)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

const microsOfDay = 86_400_000_000

// inYears reports whether a day is one of SQL Server's: from 0001-01-01 to 9999-12-31.
func inYears(day int64) bool { return day >= -719_162 && day <= 2_932_896 }

// OrderBy is a key of an ordering.
func (Dialect) OrderBy(sql string, descending, nullsFirst bool) string {
	return jdbc.OrderNullsLeast(sql, "CASE WHEN %s IS NULL THEN 1 ELSE 0 END", descending, nullsFirst)
}

// statements are those that SQL Server writes in its own way. It keeps comments elsewhere, and Trino does not look there.
var statements = map[jdbc.StatementKind]string{
	jdbc.DropSchemaCascade: jdbc.NotThere,
	jdbc.RenameSchema:      jdbc.NotThere,
	jdbc.RenameTable:       "EXEC sp_rename $5, $6",
	jdbc.AddColumn:         "ALTER TABLE $1 ADD $2 $3",
	jdbc.RenameColumn:      "EXEC sp_rename $4, $5, 'COLUMN'",
	jdbc.SetColumnType:     "ALTER TABLE $1 ALTER COLUMN $2 $3",
	jdbc.DropNotNull:       "ALTER TABLE $1 ALTER COLUMN $2 $3 NULL",
	jdbc.CommentTable:      jdbc.NotThere,
	jdbc.CommentColumn:     jdbc.NotThere,
	jdbc.Limited:           "$1 ORDER BY (SELECT NULL) OFFSET 0 ROWS FETCH NEXT $2 ROWS ONLY",
	jdbc.LimitedInOrder:    "$1 OFFSET 0 ROWS FETCH NEXT $2 ROWS ONLY",
	jdbc.UpdateFrom:        "UPDATE t SET $3 FROM $1 AS t JOIN $2 AS s ON $4",
	jdbc.DeleteFrom:        "DELETE t FROM $1 AS t JOIN $2 AS s ON $3",
}

// Statement gives them.
func (Dialect) Statement(kind jdbc.StatementKind) string { return statements[kind] }

// CountFunction counts to a bigint.
func (Dialect) CountFunction() string { return "count_big" }

// CastToText shows any value as text.
func (Dialect) CastToText() string { return "CAST(%s AS nvarchar(max))" }
