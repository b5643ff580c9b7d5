// Package mysql is the connector to MySQL, and what the one to MariaDB has in common with it.
//
// Rows come as text and are written with INSERT: LOAD DATA LOCAL would only warn of values that do not fit. Tables with a primary key that is a
// whole number are read in ranges of it (divide.go). All else is package jdbc's.
package mysql

import (
	"context"
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Factory makes the connectors of catalogs with connector.name=mysql.
var Factory = connector.Factory{Name: "mysql", Properties: properties, New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
	return jdbc.New(ctx, cfg, properties, Dialect{})
}}

var properties = jdbc.Table("MySQL connector")

// Dialect is MySQL's.
type Dialect struct {
	// MariaDB says that the database is MariaDB, whose connector in Trino maps types in its own way.
	MariaDB bool
}

// Quote quotes an identifier.
func (Dialect) Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// Text quotes a text. Sessions have NO_BACKSLASH_ESCAPES.
func (Dialect) Text(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// Literal renders a constant.
func (d Dialect) Literal(t types.Type, v any) (string, bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return "1", true
		}
		return "0", true
	case float32:
		return strconv.FormatFloat(float64(x), 'e', -1, 64), finite(float64(x)) // fewer digits may be more than the largest float
	case float64:
		return strconv.FormatFloat(x, 'e', -1, 64), finite(x)
	case []byte:
		return "X'" + hex.EncodeToString(x) + "'", true
	case string:
		return d.Text(x), true
	case types.TimeValue:
		return "TIME " + d.Text(types.Text(t, x)), t.P <= 6
	case types.TimestampTZValue: // sessions are in UTC
		return jdbc.Literal(d, types.TimestampP(t.P), types.TimestampValue{EpochMicros: x.EpochMillis*1000 + int64(x.PicosOfMilli)/1_000_000})
	}
	return jdbc.Literal(d, t, v)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// OrderBy is a key of an ordering.
func (Dialect) OrderBy(sql string, descending, nullsFirst bool) string {
	return jdbc.OrderNullsLeast(sql, "(%s IS NULL)", descending, nullsFirst)
}

// statements are those that MySQL writes in its own way.
var statements = map[jdbc.StatementKind]string{
	jdbc.DropSchemaCascade: "DROP SCHEMA $1",
	jdbc.RenameTable:       "RENAME TABLE $1 TO $3",
	jdbc.SetColumnType:     "ALTER TABLE $1 MODIFY $2 $3",
	jdbc.CommentTable:      "ALTER TABLE $1 COMMENT = $2",
	jdbc.UpdateFrom:        "UPDATE $1 JOIN $2 AS s ON $4 SET $3",
	jdbc.DeleteFrom:        "DELETE $1 FROM $1 JOIN $2 AS s ON $3",
}

// Statement gives them.
func (Dialect) Statement(kind jdbc.StatementKind) string { return statements[kind] }

// MovesTables says that tables can be renamed into another schema.
func (Dialect) MovesTables() {}

// AssignsQualified says that UPDATE and DELETE name columns with the table.
func (Dialect) AssignsQualified() {}

// NoFullJoin says that there is no FULL JOIN.
func (Dialect) NoFullJoin() {}

// TableOptions make tables that have transactions and all characters.
func (Dialect) TableOptions() string { return "ENGINE=InnoDB CHARACTER SET utf8mb4" }

// CastToText shows any value as text.
func (Dialect) CastToText() string { return "CAST(%s AS CHAR)" }
