package hive

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Tables about a table have its name and, behind a dollar, what they tell of it: the values of its table partitions, or its parameters in the
// metastore, as one row. Their rows are found on the coordinator and travel in splits.
const (
	partitionsTable = "partitions"
	propertiesTable = "properties"
)

// tableAbout takes the name of a table about a table apart.
func tableAbout(name connector.SchemaTable) (base connector.SchemaTable, about string, ok bool) {
	i := strings.LastIndexByte(name.Table, '$')
	if i <= 0 {
		return name, "", false
	}
	about = name.Table[i+1:]
	return connector.SchemaTable{Schema: name.Schema, Table: name.Table[:i]}, about, about == partitionsTable || about == propertiesTable
}

// describeAbout describes a table about a table; nil when there is none.
func (c *Connector) describeAbout(ctx context.Context, base connector.SchemaTable, about string) (*connector.Table, error) {
	t, err := c.load(ctx, base)
	if t == nil || err != nil || about == partitionsTable && len(t.partitionColumns) == 0 {
		return nil, err
	}
	h, err := json.Marshal(handle{Name: base, About: about})
	out := &connector.Table{Name: connector.SchemaTable{Schema: base.Schema, Table: base.Table + "$" + about}, Handle: h}
	if about == partitionsTable {
		for _, col := range t.partitionColumns {
			out.Columns = append(out.Columns, connector.Column{Name: col.Name, Type: col.Type, Comment: col.Comment})
		}
		return out, err
	}
	for _, name := range slices.Sorted(maps.Keys(t.meta.Parameters)) {
		out.Columns = append(out.Columns, connector.Column{Name: name, Type: types.Of(types.Varchar)})
	}
	return out, err
}

// aboutSplit is some rows of a table about a table: the texts of the columns of a scan, nil for NULL.
type aboutSplit struct {
	Rows [][]*string `json:"rows"`
}

// aboutRows is how many rows a split has.
const aboutRows = 1000

// handleOf is the handle of a scan.
func handleOf(scan connector.Scan) (handle, error) {
	var h handle
	err := json.Unmarshal(scan.Handle, &h)
	return h, trinoerr.Wrap(err, trinoerr.SerializationError, "handle of %s", scan.Table)
}

// splitsAbout finds the rows of a table about a table; nil when the scan is of another.
func (c *Connector) splitsAbout(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := handleOf(scan)
	if err != nil || h.About == "" {
		return nil, err
	}
	t, err := c.existing(ctx, h.Name)
	if err != nil {
		return nil, err
	}
	rows, err := c.rowsAbout(ctx, t, h.About, scan)
	if err != nil {
		return nil, err
	}
	src := &splitSource{}
	for batch := range slices.Chunk(rows, aboutRows) {
		raw, err := json.Marshal(aboutSplit{batch})
		if err != nil {
			return nil, err
		}
		src.splits = append(src.splits, connector.Split{Handle: raw, Rows: int64(len(batch)), Bytes: int64(len(raw))})
	}
	return src, nil
}

// rowsAbout are the rows of a table about a table that a constraint leaves.
func (c *Connector) rowsAbout(ctx context.Context, t *table, about string, scan connector.Scan) (rows [][]*string, err error) {
	if about == propertiesTable {
		row := make([]*string, len(scan.Columns))
		for i, col := range scan.Columns {
			if text, ok := t.meta.Parameters[col.Name]; ok {
				row[i] = &text
			}
		}
		return [][]*string{row}, nil
	}
	names, err := c.partitionNames(ctx, t)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		p, err := t.partition(name)
		if err != nil {
			return nil, err
		}
		if !p.satisfies(t, scan.Constraint) {
			continue
		}
		row := make([]*string, len(scan.Columns))
		for i, col := range scan.Columns {
			at := slices.IndexFunc(t.partitionColumns, func(k connector.Column) bool { return k.Name == col.Name })
			if at >= 0 && p.values[at] != nil {
				text := types.Text(col.Type, p.values[at])
				row[i] = &text
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// aboutSource gives the rows that splits carry; each split is a partition.
type aboutSource struct {
	columns []connector.Column
	splits  []aboutSplit
}

func newAboutSource(scan connector.Scan, splits []connector.Split) (*aboutSource, error) {
	s := &aboutSource{columns: scan.Columns, splits: make([]aboutSplit, len(splits))}
	for i, sp := range splits {
		if err := json.Unmarshal(sp.Handle, &s.splits[i]); err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "split of %s", scan.Table)
		}
		for _, row := range s.splits[i].Rows {
			if len(row) != len(scan.Columns) {
				return nil, trinoerr.New(trinoerr.SerializationError, "split of %s", scan.Table)
			}
		}
	}
	return s, nil
}

// Partitions is the number of splits.
func (s *aboutSource) Partitions() int { return len(s.splits) }

// Open reads the rows of a split.
func (s *aboutSource) Open(_ context.Context, partition int, projection []int) (connector.BatchReader, error) {
	return &aboutReader{columns: s.columns, projection: projection, rows: s.splits[partition].Rows}, nil
}

// aboutReader gives rows.
type aboutReader struct {
	columns    []connector.Column
	projection []int
	rows       [][]*string
}

// Next fills b with at most limit rows.
func (r *aboutReader) Next(b *connector.Batch, limit int) (int, error) {
	n := min(limit, len(r.rows))
	b.Rows, b.Columns = n, make([]connector.Vector, len(r.projection))
	for _, row := range r.rows[:n] {
		for i, at := range r.projection {
			v, err := parseValue(r.columns[at].Type, row[at])
			if err != nil {
				return 0, err
			}
			appendValue(&b.Columns[i], r.columns[at].Type, v)
		}
	}
	r.rows = r.rows[n:]
	return n, nil
}

// Close does nothing.
func (r *aboutReader) Close() error { return nil }
