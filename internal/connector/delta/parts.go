package delta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Tables about a table have its name and, behind a dollar, what they tell of it. Their rows are found on the coordinator and travel in splits.
const (
	historyPart    = "history"
	propertiesPart = "properties"
)

// systemTable takes the name of a table about a table apart.
func systemTable(name connector.SchemaTable) (base connector.SchemaTable, part string, ok bool) {
	table, part, ok := strings.Cut(name.Table, "$")
	ok = ok && table != "" && (part == historyPart || part == propertiesPart)
	return connector.SchemaTable{Schema: name.Schema, Table: table}, part, ok
}

// partColumns are the columns of tables about tables.
var partColumns = map[string][]connector.Column{
	historyPart: {
		{Name: "version", Type: types.Of(types.BigInt)},
		{Name: "timestamp", Type: types.TimestampTZP(3)},
		{Name: "user_id", Type: types.Of(types.Varchar)},
		{Name: "user_name", Type: types.Of(types.Varchar)},
		{Name: "operation", Type: types.Of(types.Varchar)},
		{Name: "operation_parameters", Type: types.MapOf(types.Of(types.Varchar), types.Of(types.Varchar))},
		{Name: "cluster_id", Type: types.Of(types.Varchar)},
		{Name: "read_version", Type: types.Of(types.BigInt)},
		{Name: "isolation_level", Type: types.Of(types.Varchar)},
		{Name: "is_blind_append", Type: types.Of(types.Boolean)},
	},
	propertiesPart: {
		{Name: "key", Type: types.Of(types.Varchar)},
		{Name: "value", Type: types.Of(types.Varchar)},
	},
}

// describePart is a table about a table as the engine knows it.
func (t *table) describePart(name connector.SchemaTable, part string) (*connector.Table, error) {
	h := t.handle
	h.Part = part
	raw, err := json.Marshal(h)
	return &connector.Table{Name: name, Handle: raw, Columns: partColumns[part]}, err
}

// partRows is how many rows a split has.
const partRows = 500

// partSplits finds the rows of a table about a table.
func (c *Connector) partSplits(ctx context.Context, t *table) (connector.SplitSource, error) {
	within, cancel := context.WithCancel(context.WithoutCancel(ctx))
	src := &splitSource{cancel: cancel}
	src.next, src.stop = iter.Pull2(func(yield func(connector.Split, error) bool) {
		var rows [][]any
		flush := func() bool {
			raw, err := json.Marshal(split{Rows: rows})
			n := int64(len(rows))
			rows = nil
			return yield(connector.Split{Handle: raw, Rows: n}, err)
		}
		err := t.partRows(within, func(row ...any) error {
			if rows = append(rows, row); len(rows) == partRows && !flush() {
				return errStopped
			}
			return nil
		})
		switch {
		case errors.Is(err, errStopped):
		case err != nil:
			yield(connector.Split{}, failure(err, t.Name))
		case len(rows) > 0:
			flush()
		}
	})
	return src, nil
}

// partRows calls f for the rows of a table about a table.
func (t *table) partRows(ctx context.Context, f func(row ...any) error) error {
	if t.Part == propertiesPart {
		return t.propertyRows(f)
	}
	for v := t.Version; v >= 0; v-- {
		info, err := t.log.Info(ctx, v)
		if errors.Is(err, filesystem.ErrNotFound) {
			return nil // older ones were cleaned up
		}
		if err != nil {
			return err
		}
		var at any
		if when, ok := info.Time(); ok {
			at = when.UnixMilli()
		}
		parameters := map[string]string{}
		for k, text := range info.OperationParameters {
			parameters[k] = text
		}
		if err := f(v, at, textOrNull(info.UserID), textOrNull(info.UserName), textOrNull(info.Operation), parameters, textOrNull(info.ClusterID),
			info.ReadVersion, textOrNull(info.IsolationLevel), info.IsBlindAppend); err != nil {
			return err
		}
	}
	return nil
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// propertyRows are the table's configuration, protocol and features.
func (t *table) propertyRows(f func(row ...any) error) error {
	p := &t.snapshot.Protocol
	all := map[string]string{"delta.minReaderVersion": fmt.Sprint(p.MinReaderVersion), "delta.minWriterVersion": fmt.Sprint(p.MinWriterVersion)}
	for k, v := range t.snapshot.Metadata.Configuration {
		all[k] = v
	}
	for _, name := range slices.Concat(p.ReaderFeatures, p.WriterFeatures) {
		all["delta.feature."+name] = "supported"
	}
	var keys []string
	for k := range all {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if err := f(k, all[k]); err != nil {
			return err
		}
	}
	return nil
}

// partSource gives the rows that splits carry; each split is a partition.
type partSource struct {
	columns []connector.Column
	splits  []split
}

// Partitions is the number of splits.
func (s *partSource) Partitions() int { return len(s.splits) }

// Open reads the rows of a split.
func (s *partSource) Open(_ context.Context, partition int, projection []int) (connector.BatchReader, error) {
	r := &partReader{rows: s.splits[partition].Rows}
	for _, p := range projection {
		r.columns = append(r.columns, s.columns[p])
	}
	return r, nil
}

// partReader gives rows. Which of the values of a row a column is its name says.
type partReader struct {
	columns []connector.Column
	rows    [][]any
}

// Next fills b with at most limit rows.
func (r *partReader) Next(b *connector.Batch, limit int) (int, error) {
	n := min(limit, len(r.rows))
	b.Rows, b.Columns = n, make([]connector.Vector, len(r.columns))
	for i, c := range r.columns {
		at := -1
		for _, list := range partColumns {
			if k := slices.IndexFunc(list, func(known connector.Column) bool { return known.Name == c.Name }); k >= 0 {
				at = k
			}
		}
		for row := range n {
			put(&b.Columns[i], c.Type, r.rows[row][at], row, n)
		}
	}
	r.rows = r.rows[n:]
	return n, nil
}

// Close does nothing.
func (r *partReader) Close() error { return nil }

// put sets value i of n of a vector, from what JSON made of it.
func put(v *connector.Vector, t types.Type, value any, i, n int) {
	if value == nil {
		v.SetNull(i, n)
	}
	switch t.Kind {
	case types.Boolean:
		x := int8(0)
		if value == true {
			x = 1
		}
		v.I8 = append(v.I8, x)
	case types.BigInt, types.TimestampTZ:
		x, _ := value.(float64) // versions and milliseconds are exact
		v.I64 = append(v.I64, int64(x))
	case types.Map:
		if v.Fields == nil {
			v.Fields, v.Offsets = []connector.Vector{{Offsets: []uint32{0}}, {Offsets: []uint32{0}}}, []uint32{0}
		}
		entries, _ := value.(map[string]any)
		var keys []string
		for k := range entries {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			text, _ := entries[k].(string)
			v.Fields[0].AppendBytes([]byte(k))
			v.Fields[1].AppendBytes([]byte(text))
		}
		v.Offsets = append(v.Offsets, v.Offsets[i]+uint32(len(keys)))
	default:
		text, _ := value.(string)
		v.AppendBytes([]byte(text))
	}
}
