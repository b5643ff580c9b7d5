package postgresql

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Rows runs a query and decodes its rows from the binary format as they come.
func (Dialect) Rows(ctx context.Context, conn *sql.Conn, query string, columns []types.Type) (connector.BatchReader, error) {
	r := &rows{columns: columns}
	err := onConnection(conn, func(c *pgx.Conn) error {
		r.result = c.PgConn().ExecParams(ctx, query, nil, nil, nil, []int16{1})
		return nil
	})
	return r, err
}

type rows struct {
	columns []types.Type
	result  *pgconn.ResultReader
	decode  []decoder // parallel to columns, once the first row is there
	ended   bool
}

// Next decodes rows.
func (r *rows) Next(b *connector.Batch, limit int) (n int, err error) {
	jdbc.Prepare(b, r.columns)
	for ; n < limit && !r.ended; n++ {
		if !r.result.NextRow() {
			r.ended = true
			if _, err := r.result.Close(); err != nil {
				return 0, err
			}
			break
		}
		if r.decode == nil {
			if err := r.prepare(); err != nil {
				return 0, err
			}
		}
		values := r.result.Values()
		for i, decode := range r.decode {
			v := &b.Columns[i]
			if raw := values[i]; raw == nil {
				v.SetNull(n, limit)
				v.AppendZero(r.columns[i])
			} else if err := decode(v, raw); err != nil {
				return 0, err
			}
		}
	}
	b.Rows = n
	return n, nil
}

// prepare chooses the decoders, by what the server says that it sends.
func (r *rows) prepare() error {
	fields := r.result.FieldDescriptions()
	r.decode = make([]decoder, len(r.columns))
	for i, t := range r.columns {
		if i >= len(fields) {
			return trinoerr.New(trinoerr.JdbcError, "the query gives %d columns instead of %d", len(fields), len(r.columns))
		}
		if r.decode[i] = decoderFor(t, fields[i].DataTypeOID); r.decode[i] == nil {
			return trinoerr.New(trinoerr.JdbcError, "values of the type with number %d cannot be read as %s", fields[i].DataTypeOID, t)
		}
	}
	return nil
}

// Close ends the query, after its context if rows are left.
func (r *rows) Close() error {
	_, err := r.result.Close()
	return err
}
