package jdbctest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
)

// Played is a database that is played, for dialects whose server cannot be had: it writes down the statements that it is given, and answers queries as
// a driver would. It is for one goroutine at a time.
type Played struct {
	// Said are the statements since the last call of Take. Queries of the catalog, which Answer knows, are not among them.
	Said []string
	// Answer gives the rows of a query; false: it is no query of the catalog, and has the rows of Rows.
	Answer func(query string, args []driver.NamedValue) ([][]driver.Value, bool)
	// Did, when not nil, is told of each statement that is no query.
	Did func(statement string)
	// Rows are those of all other queries.
	Rows [][]driver.Value
	// Width is how many columns queries without rows have.
	Width int
	// Affected, when not nil, says how many rows a statement changes; else it is one.
	Affected func(statement string) int64
}

// Open opens the database.
func (p *Played) Open() *sql.DB { return sql.OpenDB(p) }

// Take returns the statements that were said, and forgets them.
func (p *Played) Take() []string {
	said := p.Said
	p.Said = nil
	return said
}

// Connect opens a connection.
func (p *Played) Connect(context.Context) (driver.Conn, error) { return playedConn{p}, nil }

// Driver is never asked for.
func (p *Played) Driver() driver.Driver { return nil }

// playedConn, as real drivers' connections, only prepares statements.
type playedConn struct{ p *Played }

func (c playedConn) Prepare(query string) (driver.Stmt, error) { return playedStmt{c.p, query}, nil }
func (c playedConn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return playedStmt{c.p, query}, nil
}
func (c playedConn) Close() error { return nil }

// CheckNamedValue takes values of any type, as drivers do that take arrays.
func (c playedConn) CheckNamedValue(*driver.NamedValue) error { return nil }
func (c playedConn) Begin() (driver.Tx, error) {
	c.p.Said = append(c.p.Said, "BEGIN")
	return playedTx(c), nil
}

type playedTx struct{ p *Played }

func (t playedTx) Commit() error   { t.p.Said = append(t.p.Said, "COMMIT"); return nil }
func (t playedTx) Rollback() error { t.p.Said = append(t.p.Said, "ROLLBACK"); return nil }

type playedStmt struct {
	p     *Played
	query string
}

func (s playedStmt) Close() error  { return nil }
func (s playedStmt) NumInput() int { return -1 }

func (s playedStmt) Exec(args []driver.Value) (driver.Result, error) {
	said := s.query
	for _, a := range args {
		said += fmt.Sprintf(" | %T %q", a, a)
	}
	s.p.Said = append(s.p.Said, said)
	if s.p.Did != nil {
		s.p.Did(s.query)
	}
	if s.p.Affected != nil {
		return driver.RowsAffected(s.p.Affected(s.query)), nil
	}
	return driver.RowsAffected(1), nil
}

func (s playedStmt) Query(args []driver.Value) (driver.Rows, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return s.QueryContext(context.Background(), named)
}

func (s playedStmt) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if s.p.Answer != nil {
		if list, ok := s.p.Answer(s.query, args); ok {
			return &playedRows{list: list, width: s.p.Width}, nil
		}
	}
	s.p.Said = append(s.p.Said, s.query)
	return &playedRows{list: s.p.Rows, width: s.p.Width}, nil
}

type playedRows struct {
	list  [][]driver.Value
	width int
}

func (r *playedRows) Columns() []string {
	if len(r.list) == 0 {
		return make([]string, r.width)
	}
	return make([]string, len(r.list[0]))
}
func (r *playedRows) Close() error { return nil }
func (r *playedRows) Next(dest []driver.Value) error {
	if len(r.list) == 0 {
		return io.EOF
	}
	copy(dest, r.list[0])
	r.list = r.list[1:]
	return nil
}
