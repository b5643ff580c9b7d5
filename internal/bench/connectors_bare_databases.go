package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
)

// barePostgreSQL reads with one connection of pgx, which decodes every value, in its binary protocol.
type barePostgreSQL struct{ conn *pgx.Conn }

func openBarePostgreSQL(ctx context.Context, properties map[string]string) (bareReader, error) {
	u, err := url.Parse(strings.TrimPrefix(properties["connection-url"], "jdbc:"))
	if err != nil {
		return nil, err
	}
	u.Scheme, u.User = "postgres", url.UserPassword(properties["connection-user"], properties["connection-password"])
	conn, err := pgx.Connect(ctx, u.String())
	if err != nil {
		return nil, err
	}
	return &barePostgreSQL{conn}, nil
}

func (b *barePostgreSQL) name() string { return "pgx" }

func (b *barePostgreSQL) computes() bool { return true }

func (b *barePostgreSQL) read(ctx context.Context, table string, columns []string) (n int64, err error) {
	rows, err := b.conn.Query(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+connectorSchema+"."+table)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if _, err := rows.Values(); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

func (b *barePostgreSQL) Close() error { return b.conn.Close(context.Background()) }

// bareMySQL reads with one connection of go-sql-driver; the values stay texts.
type bareMySQL struct{ db *sql.DB }

func openBareMySQL(properties map[string]string) (bareReader, error) {
	at := strings.TrimPrefix(properties["connection-url"], "jdbc:")
	u, err := url.Parse(at)
	if err != nil {
		return nil, err
	}
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", u.Host, properties["connection-user"], properties["connection-password"]
	c, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	return &bareMySQL{db}, nil
}

func (b *bareMySQL) name() string { return "go-sql-driver" }

func (b *bareMySQL) computes() bool { return true }

func (b *bareMySQL) read(ctx context.Context, table string, columns []string) (n int64, err error) {
	rows, err := b.db.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s.%s", strings.Join(columns, ", "), connectorSchema, table))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	raw := make([]sql.RawBytes, len(columns))
	into := make([]any, len(columns))
	for i := range raw {
		into[i] = &raw[i]
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

func (b *bareMySQL) Close() error { return b.db.Close() }
