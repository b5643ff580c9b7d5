package jdbc

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// DriverRows runs a query with any driver of database/sql and reads its rows, without the conversions that database/sql would make.
func DriverRows(ctx context.Context, conn *sql.Conn, query string, columns []types.Type) (connector.BatchReader, error) {
	r := &driverRows{columns: columns}
	for _, t := range columns {
		a, ok := appenders(t)
		if !ok {
			return nil, trinoerr.New(trinoerr.NotSupported, "Unsupported column type: %s", t)
		}
		r.append = append(r.append, a)
	}
	err := conn.Raw(func(raw any) (err error) {
		if q, ok := raw.(driver.QueryerContext); ok {
			r.rows, err = q.QueryContext(ctx, query, nil)
			return err
		}
		r.statement, r.rows, err = prepared(ctx, raw, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.dest = make([]driver.Value, len(r.rows.Columns()))
	if len(r.dest) == 0 { // some drivers tell no columns when there are no rows
		r.ended = true
	} else if len(r.dest) < len(columns) {
		_ = r.rows.Close() // the missing columns are the error
		return nil, trinoerr.New(trinoerr.JdbcError, "the query gives %d columns instead of %d", len(r.dest), len(columns))
	}
	return r, nil
}

// prepared runs a query with a driver that wants it prepared.
func prepared(ctx context.Context, raw any, query string) (driver.Stmt, driver.Rows, error) {
	p, ok := raw.(driver.ConnPrepareContext)
	if !ok {
		return nil, nil, errors.New("the driver cannot run queries")
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	q, ok := s.(driver.StmtQueryContext)
	if !ok {
		return nil, nil, errors.Join(errors.New("the driver cannot run queries"), s.Close())
	}
	rows, err := q.QueryContext(ctx, nil)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	return s, rows, nil
}

// driverRows turns a driver's values into vectors.
type driverRows struct {
	columns []types.Type
	append  []appender
	rows    driver.Rows
	// statement, when not nil, is what the rows are of.
	statement driver.Stmt
	dest      []driver.Value
	ended     bool
}

// Next reads rows.
func (r *driverRows) Next(b *connector.Batch, limit int) (n int, err error) {
	Prepare(b, r.columns)
	for ; n < limit && !r.ended; n++ {
		if err := r.rows.Next(r.dest); err != nil {
			if !errors.Is(err, io.EOF) {
				return 0, err
			}
			r.ended = true
			break
		}
		for i := range r.columns {
			v := &b.Columns[i]
			if r.dest[i] == nil {
				v.SetNull(n, limit)
				v.AppendZero(r.columns[i])
			} else if err := r.append[i](v, r.dest[i]); err != nil {
				return 0, err
			}
		}
	}
	b.Rows = n
	return n, nil
}

// Close ends the query.
func (r *driverRows) Close() error {
	err := r.rows.Close()
	if r.statement != nil {
		err = errors.Join(err, r.statement.Close())
		r.statement = nil
	}
	return err
}

// Prepare empties a batch for columns.
func Prepare(b *connector.Batch, columns []types.Type) {
	if len(b.Columns) != len(columns) {
		b.Columns = make([]connector.Vector, len(columns))
	}
	for i := range b.Columns {
		Reset(&b.Columns[i], columns[i])
	}
}
