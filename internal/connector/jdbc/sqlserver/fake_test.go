package sqlserver

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc/jdbctest"
)

// played is the dialect with a driver that plays a server.
type played struct {
	Dialect
	server *server
}

// Open opens the played server.
func (p played) Open(*jdbc.Settings) (*sql.DB, error) { return p.server.Played.Open(), nil }

// server knows which tables there are.
type server struct {
	*jdbctest.Played
	tables map[string]bool // by their quoted names
	token  string          // of the write q1
}

func newServer() *server {
	s := &server{tables: map[string]bool{"[s].[t]": true}, token: "-"}
	s.Played = &jdbctest.Played{Rows: recorded, Width: 8, Did: s.did, Answer: s.answer}
	return s
}

func (s *server) did(statement string) {
	switch {
	case strings.HasPrefix(statement, "CREATE TABLE "):
		s.tables[strings.Split(statement[len("CREATE TABLE "):], " (")[0]] = true
	case strings.HasPrefix(statement, "UPDATE [s].[tmp_waterbear_q1] SET [waterbear_attempt] = N'+'"):
		s.token = "+"
	case strings.HasPrefix(statement, "DROP TABLE IF EXISTS "):
		delete(s.tables, statement[len("DROP TABLE IF EXISTS "):])
	}
	if m := renamed.FindStringSubmatch(statement); m != nil {
		delete(s.tables, m[1])
		s.tables["[s].["+strings.ReplaceAll(m[2], "''", "'")+"]"] = true
	}
}

var renamed = regexp.MustCompile(`^EXEC sp_rename N'(.*)', N'(.*)'$`)

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

func (s *server) answer(query string, args []driver.NamedValue) ([][]driver.Value, bool) {
	switch {
	case query == describeColumns:
		if !s.tables[fmt.Sprintf("[%s].[%s]", args[0].Value, args[1].Value)] {
			return nil, true
		}
		return described, true
	case strings.HasSuffix(query, "FROM [s].[tmp_waterbear_q1] WHERE [waterbear_attempt] IN (N'-', N'+')"):
		return [][]driver.Value{{s.token}}, true
	case strings.HasPrefix(query, "SELECT name FROM sys.schemas"):
		return [][]driver.Value{{"dbo"}, {"s"}}, true
	case strings.HasPrefix(query, "SELECT o.name FROM sys.objects"):
		var list [][]driver.Value
		for name := range s.tables {
			list = append(list, []driver.Value{strings.TrimSuffix(strings.TrimPrefix(name, "[s].["), "]")})
		}
		return list, true
	}
	return nil, false
}

// recorded are rows as the driver gives them: decimals as text, bits as booleans, moments in their zones.
var recorded = [][]driver.Value{
	{int64(1), "it's", []byte("12.50"), true, time.Date(2020, 1, 2, 3, 4, 5, 123456700, time.UTC), time.Date(2020, 1, 2, 3, 4, 5, 6_000_000, time.FixedZone("", 3600)),
		time.Date(1, 1, 1, 1, 2, 3, 4000, time.UTC)},
	{int64(-9223372036854775808), nil, nil, nil, nil, nil, nil},
}
