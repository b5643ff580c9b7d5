package sqlserver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
)

// played is the dialect with a driver that plays a server: it writes down the statements, knows which tables there are, and gives rows as the real driver gives them.
type played struct {
	Dialect
	server *server
}

// Open opens the played server.
func (p played) Open(*jdbc.Settings) (*sql.DB, error) { return sql.OpenDB(p.server), nil }

type server struct {
	said   []string
	tables map[string]bool // by their quoted names
	rows   [][]driver.Value
}

// Connect opens a connection.
func (s *server) Connect(context.Context) (driver.Conn, error) { return conn{s}, nil }

// Driver is never asked for.
func (s *server) Driver() driver.Driver { return nil }

// conn, as the real driver's, only prepares statements.
type conn struct{ s *server }

func (c conn) Prepare(query string) (driver.Stmt, error) { return stmt{c.s, query}, nil }
func (c conn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return stmt{c.s, query}, nil
}
func (c conn) Close() error { return nil }
func (c conn) Begin() (driver.Tx, error) {
	c.s.said = append(c.s.said, "BEGIN")
	return tx(c), nil
}

type tx struct{ s *server }

func (t tx) Commit() error   { t.s.said = append(t.s.said, "COMMIT"); return nil }
func (t tx) Rollback() error { t.s.said = append(t.s.said, "ROLLBACK"); return nil }

type stmt struct {
	s     *server
	query string
}

func (s stmt) Close() error  { return nil }
func (s stmt) NumInput() int { return -1 }

func (s stmt) Exec([]driver.Value) (driver.Result, error) {
	s.s.said = append(s.s.said, s.query)
	switch {
	case strings.HasPrefix(s.query, "CREATE TABLE "):
		s.s.tables[strings.Split(s.query[len("CREATE TABLE "):], " (")[0]] = true
	case strings.HasPrefix(s.query, "DROP TABLE IF EXISTS "):
		delete(s.s.tables, s.query[len("DROP TABLE IF EXISTS "):])
	}
	if m := renamed.FindStringSubmatch(s.query); m != nil {
		delete(s.s.tables, m[1])
		s.s.tables["[s].["+m[2]+"]"] = true
	}
	return driver.RowsAffected(1), nil
}

var renamed = regexp.MustCompile(`^EXEC sp_rename N'(.*)', N'(.*)'$`)

func (s stmt) Query(args []driver.Value) (driver.Rows, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return s.QueryContext(context.Background(), named)
}

// described are the columns of every table, as SQL Server's catalog tells them.
var described = [][]driver.Value{
	{"id", "bigint", int64(8), int64(19), int64(0), int64(1), nil, int64(1)},
	{"Name", "nvarchar", int64(40), int64(0), int64(0), int64(0), "Latin1_General_BIN2", int64(0)},
	{"price", "decimal", int64(9), int64(12), int64(2), int64(0), nil, int64(0)},
	{"flag", "bit", int64(1), int64(1), int64(0), int64(0), nil, int64(0)},
	{"at", "datetime2", int64(8), int64(27), int64(7), int64(0), nil, int64(0)},
	{"zoned", "datetimeoffset", int64(10), int64(26), int64(3), int64(0), nil, int64(0)},
	{"clock", "time", int64(5), int64(16), int64(6), int64(0), nil, int64(0)},
	{"doc", "xml", int64(-1), int64(0), int64(0), int64(0), nil, int64(0)},
}

func (s stmt) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	switch {
	case s.query == describeColumns:
		if !s.s.tables[fmt.Sprintf("[%s].[%s]", args[0].Value, args[1].Value)] {
			return &rows{}, nil
		}
		return &rows{list: described}, nil
	case strings.HasPrefix(s.query, "SELECT name FROM sys.schemas"):
		return &rows{list: [][]driver.Value{{"dbo"}, {"s"}}}, nil
	}
	s.s.said = append(s.s.said, s.query)
	return &rows{list: s.s.rows}, nil
}

type rows struct{ list [][]driver.Value }

func (r *rows) Columns() []string {
	if len(r.list) == 0 {
		return make([]string, 8)
	}
	return make([]string, len(r.list[0]))
}
func (r *rows) Close() error { return nil }
func (r *rows) Next(dest []driver.Value) error {
	if len(r.list) == 0 {
		return io.EOF
	}
	copy(dest, r.list[0])
	r.list = r.list[1:]
	return nil
}

// recorded are rows as the driver gives them: decimals as text, bits as booleans, moments in their zones.
var recorded = [][]driver.Value{
	{int64(1), "it's", []byte("12.50"), true, time.Date(2020, 1, 2, 3, 4, 5, 123456700, time.UTC), time.Date(2020, 1, 2, 3, 4, 5, 6_000_000, time.FixedZone("", 3600)),
		time.Date(1, 1, 1, 1, 2, 3, 4000, time.UTC)},
	{int64(-9223372036854775808), nil, nil, nil, nil, nil, nil},
}
