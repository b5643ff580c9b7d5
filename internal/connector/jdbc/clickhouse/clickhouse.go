// Package clickhouse is the connector to ClickHouse, over its HTTP interface.
//
// ClickHouse has no transactions: how writes are exact nevertheless is in package jdbc, move.go. Rows are written with INSERT. Nothing is changed or deleted row by
// row, as in Trino.
package clickhouse

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

// Factory makes the connectors of catalogs with connector.name=clickhouse.
var Factory = connector.Factory{Name: "clickhouse", Properties: properties, New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
	return jdbc.New(ctx, cfg, properties, Dialect{})
}}

var properties = func() *config.Table[jdbc.Settings] {
	t := jdbc.Table("ClickHouse connector", config.Property[jdbc.Settings]{Name: "clickhouse.map-string-as-varchar", Default: "false", UsedBy: "connector/clickhouse",
		Value:   config.Bool(func(s *jdbc.Settings) *bool { return &s.StringAsVarchar }),
		Session: &config.SessionInfo{Name: "map_string_as_varchar", Description: "Map ClickHouse String and FixedString as varchar instead of varbinary"},
		Doc:     "Whether String and FixedString are read as varchar instead of varbinary."})
	jdbc.WithoutDecimalMapping(t)
	t.Unsupported = append(slices.Clip(t.Unsupported), config.Defunct{Name: "clickhouse.legacy-driver", Use: "there is one driver"})
	return t
}()

// Dialect is ClickHouse's, from version 24 on.
type Dialect struct{}

// Quote quotes an identifier.
func (Dialect) Quote(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// Text quotes a text.
func (Dialect) Text(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Literal renders a constant.
func (d Dialect) Literal(t types.Type, v any) (string, bool) {
	switch x := v.(type) {
	case bool:
		return strconv.FormatBool(x), true
	case float32:
		return double(float64(x)), true // compared as a double
	case float64:
		return double(x), true
	case []byte:
		return "unhex('" + hex.EncodeToString(x) + "')", true
	case types.Int128:
		return fmt.Sprintf("toDecimal128('%s', %d)", types.Text(t, x), t.S), true
	case types.UUIDValue:
		return "toUUID('" + types.Text(t, x) + "')", true
	case types.DateValue:
		return "toDate32('" + x.String() + "')", x >= firstDay && x <= lastDay
	case types.TimestampValue:
		return d.moment(t, x, "")
	case types.TimestampTZValue:
		return d.moment(types.TimestampP(t.P), types.TimestampValue{EpochMicros: x.EpochMillis*1000 + int64(x.PicosOfMilli)/1_000_000}, ", 'UTC'")
	}
	return jdbc.Literal(d, t, v)
}

// moment renders a timestamp, as one that has as many digits and as long a range as there are.
func (Dialect) moment(t types.Type, x types.TimestampValue, zone string) (string, bool) {
	day := types.DateValue(types.FloorDiv(x.EpochMicros, 86_400_000_000))
	return fmt.Sprintf("toDateTime64('%s', %d%s)", types.Text(t, x), t.P, zone), t.P <= maxDigits && day >= firstDay && day <= lastDay
}

// The days of Date32 and DateTime64: 1900-01-01 and 2299-12-31.
const firstDay, lastDay = -25567, 120529

// double renders a floating-point number.
func double(x float64) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	}
	return strconv.FormatFloat(x, 'e', -1, 64)
}

// OrderBy is a key of an ordering.
func (Dialect) OrderBy(sql string, descending, nullsFirst bool) string {
	return jdbc.OrderWithNulls(sql, descending, nullsFirst)
}

// statements are those that ClickHouse writes in its own way.
var statements = map[jdbc.StatementKind]string{
	jdbc.CreateSchema:      "CREATE DATABASE $1",
	jdbc.DropSchema:        "DROP DATABASE $1",
	jdbc.DropSchemaCascade: "DROP DATABASE $1",
	jdbc.RenameSchema:      "RENAME DATABASE $1 TO $2",
	jdbc.RenameTable:       "RENAME TABLE $1 TO $3",
	jdbc.AddColumn:         "ALTER TABLE $1 ADD COLUMN $2 Nullable($3)",
	jdbc.SetColumnType:     "ALTER TABLE $1 MODIFY COLUMN $2 Nullable($3)",
	jdbc.CommentTable:      "ALTER TABLE $1 MODIFY COMMENT $2",
	jdbc.CommentColumn:     "ALTER TABLE $1 COMMENT COLUMN $2 $3",
	jdbc.UpdateFrom:        jdbc.NotThere,
	jdbc.DeleteFrom:        jdbc.NotThere,
}

// Statement gives them.
func (Dialect) Statement(kind jdbc.StatementKind) string { return statements[kind] }

// MovesTables says that tables can be renamed into another schema.
func (Dialect) MovesTables() {}

// NoRowChanges says that rows are only added.
func (Dialect) NoRowChanges() {}

// TableOptions make tables into which can be written exactly once.
func (Dialect) TableOptions() string { return "ENGINE = MergeTree ORDER BY tuple()" }

// CastToText shows any value as text.
func (Dialect) CastToText() string { return "toString(%s)" }

// Function declines: arithmetic overflows silently.
func (Dialect) Function(*connector.Call, []string) (string, bool) { return "", false }

// aggregates are the aggregate functions. Sums are wider than what they are read as, so that an overflow is seen.
var aggregates = jdbc.AggregateTable{
	Doubles: map[string]string{"sum": "sum", "avg": "avg"}, // of variances of one value there is NaN where Trino has NULL
	Ordered: []types.Kind{types.Decimal, types.Date, types.Timestamp, types.TimestampTZ, types.Varchar},
	Sum:     func(scale int) string { return fmt.Sprintf("toDecimal256(%%s, %d)", scale) },
	Mean:    "toFloat64(%s)",
}

// Aggregate renders aggregate functions.
func (Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	return aggregates.Aggregate(a, args)
}
