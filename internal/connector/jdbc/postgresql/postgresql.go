// Package postgresql is the connector to PostgreSQL, from version 12 on.
//
// Rows come in PostgreSQL's binary format and go straight into vectors (rows.go); large tables are read in ranges of pages (divide.go); rows
// are written with COPY (load.go). All else is package jdbc's.
package postgresql

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Factory makes the connectors of catalogs with connector.name=postgresql.
var Factory = connector.Factory{Name: "postgresql", Properties: properties, New: func(ctx context.Context, cfg connector.CatalogConfig) (connector.Connector, error) {
	return jdbc.New(ctx, cfg, properties, Dialect{})
}}

const usedBy = "connector/jdbc/postgresql"

var properties = jdbc.Table("PostgreSQL connector",
	config.Property[jdbc.Settings]{Name: "postgresql.array-mapping", Default: "DISABLED", UsedBy: usedBy,
		Value: config.Enum(func(s *jdbc.Settings) *jdbc.ArrayMapping { return &s.ArrayMapping },
			jdbc.ArraysDisabled, jdbc.ArraysAsArray, jdbc.ArraysAsJSON),
		Session: &config.SessionInfo{Name: "array_mapping", Description: "Handling of PostgreSql arrays"},
		Doc:     "How columns of arrays are read: not at all, as arrays of one dimension, or as JSON."},
	config.Property[jdbc.Settings]{Name: "postgresql.experimental.enable-string-pushdown-with-collate", Default: "false", UsedBy: usedBy,
		Value:   config.Bool(func(s *jdbc.Settings) *bool { return &s.CollateStrings }),
		Session: &config.SessionInfo{Name: "enable_string_pushdown_with_collate", Description: "Enable string pushdown with collate (experimental)"},
		Doc:     "Whether the database compares texts with < and >, in the order of their bytes, for which it has no index."},
)

// Dialect is PostgreSQL's.
type Dialect struct{}

// Open reads the URL.
func (Dialect) Open(s *jdbc.Settings) (*sql.DB, error) {
	cfg, err := ConnConfig("postgresql", 5432, s)
	if err != nil {
		return nil, err
	}
	return stdlib.OpenDB(*cfg), nil
}

// Quote quotes an identifier.
func (Dialect) Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Text quotes a text. Connections have standard_conforming_strings.
func (Dialect) Text(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// Literal renders a constant with its type, so that operators are those of the type.
func (d Dialect) Literal(t types.Type, v any) (string, bool) {
	switch x := v.(type) {
	case bool:
		if x {
			return "true", true
		}
		return "false", true
	case float64:
		sql, ok := jdbc.Literal(d, t, v)
		return "'" + sql + "'::double precision", ok
	case float32:
		sql, ok := jdbc.Literal(d, t, float64(x))
		return "'" + sql + "'::real", ok
	case types.Int128:
		return types.Text(t, x) + "::numeric", true
	case []byte:
		return `'\x` + hex.EncodeToString(x) + "'::bytea", true
	case types.TimeValue:
		return "TIME " + d.Text(types.Text(t, x)), t.P <= 6
	case types.TimestampTZValue:
		sql, ok := jdbc.Literal(d, types.TimestampP(t.P), types.TimestampValue{EpochMicros: x.EpochMillis*1000 + int64(x.PicosOfMilli)/1_000_000})
		return "TIMESTAMPTZ " + strings.TrimSuffix(strings.TrimPrefix(sql, "TIMESTAMP "), "'") + "+00'", ok && t.P <= 6
	case types.UUIDValue:
		return d.Text(x.String()) + "::uuid", true
	case string:
		if strings.ContainsRune(x, 0) {
			return "", false // which no text of PostgreSQL has
		}
		switch t.Kind {
		case types.Char:
			return d.Text(x) + "::bpchar", true
		case types.Varchar:
			return d.Text(x), true
		}
		return "", false
	}
	return jdbc.Literal(d, t, v)
}

// OrderBy is a key of an ordering.
func (Dialect) OrderBy(sql string, descending, nullsFirst bool) string {
	return jdbc.OrderWithNulls(sql, descending, nullsFirst)
}

// statements are those that PostgreSQL writes in its own way.
var statements = map[jdbc.StatementKind]string{
	jdbc.RenameSchema:  "ALTER SCHEMA $1 RENAME TO $2",
	jdbc.SetColumnType: "ALTER TABLE $1 ALTER COLUMN $2 TYPE $3",
	jdbc.DropNotNull:   "ALTER TABLE $1 ALTER COLUMN $2 DROP NOT NULL",
	jdbc.CommentTable:  "COMMENT ON TABLE $1 IS $2",
	jdbc.CommentColumn: "COMMENT ON COLUMN $1.$2 IS $3",
}

// Statement gives them.
func (Dialect) Statement(kind jdbc.StatementKind) string { return statements[kind] }

// onConnection runs f with a connection of the driver's own.
func onConnection(conn *sql.Conn, f func(c *pgx.Conn) error) error {
	return conn.Raw(func(raw any) error { return f(raw.(*stdlib.Conn).Conn()) })
}
