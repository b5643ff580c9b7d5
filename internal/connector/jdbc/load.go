package jdbc

import (
	"context"
	"database/sql"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// load appends a batch to a table.
func (c *Connector) load(ctx context.Context, w *write, table Name, columns []string, b *connector.Batch, kinds []types.Type, last, value string) error {
	conn, err := c.writes.Conn(ctx)
	if err != nil {
		return c.failed(err)
	}
	defer conn.Close() // a broken one is not used again
	if l, ok := c.dialect.(Loader); ok {
		return c.failed(l.Load(ctx, conn, table, columns, b, kinds, last, value))
	}
	return c.failed(c.insert(ctx, conn, w, table, columns, b, kinds, last, value))
}

// maxStatement is about how many bytes a statement with rows has at most: servers bound it.
const maxStatement = 1 << 20

// insert appends a batch by INSERT, some rows at a time, all or none of the batch.
func (c *Connector) insert(ctx context.Context, conn *sql.Conn, w *write, table Name, columns []string, b *connector.Batch, kinds []types.Type, last, value string) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	names := quoteAll(c.dialect, columns)
	tail := ""
	if last != "" {
		names, tail = append(names, c.dialect.Quote(last)), c.dialect.Text(value)
	}
	head := "INSERT INTO " + c.qualified(table) + " (" + strings.Join(names, ", ") + ") VALUES "
	var text strings.Builder
	rows := 0
	fitter, _ := c.dialect.(Fitter)
	flush := func() error {
		if rows == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, text.String())
		text.Reset()
		rows = 0
		return err
	}
	for i := range b.Rows {
		values := make([]string, len(columns), len(columns)+1)
		for n := range columns {
			if fitter != nil && len(columns) == len(w.Native) && !b.Columns[n].IsNull(i) {
				if value, ok := ValueAt(&b.Columns[n], kinds[n], i); ok {
					if err := fitter.Fits(w.Native[n], kinds[n], value); err != nil {
						return err
					}
				}
			}
			v, ok := c.literalAt(&b.Columns[n], kinds[n], i)
			if !ok {
				return trinoerr.New(trinoerr.NotSupported, "Values of type %s cannot be written", kinds[n])
			}
			values[n] = v
		}
		if tail != "" {
			values = append(values, tail)
		}
		if rows == 0 {
			text.WriteString(head)
		} else {
			text.WriteString(", ")
		}
		text.WriteString("(" + strings.Join(values, ", ") + ")")
		if rows++; rows >= w.Batch || text.Len() >= maxStatement {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return tx.Commit()
}

// Fitter is a dialect of a database that takes values which do not fit into a column, and stores others.
type Fitter interface {
	// Fits refuses a value, which is not NULL, that a column of a type of the database cannot have.
	Fits(native string, t types.Type, value any) error
}

// literalAt renders a value of a vector.
func (c *Connector) literalAt(v *connector.Vector, t types.Type, i int) (string, bool) {
	if v.IsNull(i) {
		return "NULL", true
	}
	value, ok := ValueAt(v, t, i)
	if !ok {
		return "", false
	}
	return c.dialect.Literal(t, value)
}

func quoteAll(d Dialect, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = d.Quote(n)
	}
	return out
}
