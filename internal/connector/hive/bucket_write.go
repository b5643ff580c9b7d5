package hive

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/hivehash"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// bucketWrite says how the rows of a write are divided among buckets. Each attempt writes files of its own for the buckets that it has rows for;
// a bucket can have several, which their names tell.
type bucketWrite struct {
	Columns []int `json:"columns"` // their places in the table
	Count   int   `json:"count"`
	Version int   `json:"version"`
}

// bucketWrite is nil for a table without buckets. sorted says that rows have to be sorted within buckets where the table is declared so.
func (t *table) bucketWrite(sorted bool) (*bucketWrite, error) {
	b := t.meta.Storage.Bucketing
	if b == nil {
		return nil, nil
	}
	if len(b.SortedBy) > 0 && sorted {
		return nil, trinoerr.New(trinoerr.NotSupported, "Writing into sorted buckets is not supported: %s; to write rows in any order set the session property sorted_writing_enabled to false", t.name)
	}
	if b.Count <= 0 {
		return nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "Table '%s' has %d buckets", t.name, b.Count)
	}
	w := &bucketWrite{Count: b.Count, Version: b.Version}
	for _, name := range b.Columns {
		i := slices.IndexFunc(t.columns, func(c connector.Column) bool { return c.Name == strings.ToLower(name) })
		if i < 0 {
			return nil, trinoerr.New(trinoerr.HiveInvalidMetadata, "Table '%s' is bucketed on non-existent column '%s'", t.name, name)
		}
		if !hashable(b.Version, t.columns[i].Type) {
			return nil, trinoerr.New(trinoerr.NotSupported, "Writing into tables bucketed on columns of type %s, with bucketing_version %d, is not supported: %s", t.columns[i].Type, b.Version, t.name)
		}
		w.Columns = append(w.Columns, i)
	}
	return w, nil
}

// computed is the number of a row's bucket as the engine computes it.
func (w *bucketWrite) computed() connector.ComputedColumn {
	return connector.ComputedColumn{Name: bucketColumn, Transform: "hive", Columns: w.Columns, Width: w.Count, Version: w.Version}
}

// fileName begins with the number of the bucket, as Hive and Trino want it.
func (w *bucketWrite) fileName(bucket int, name string) string {
	return fmt.Sprintf("0%05d_0_%s", bucket, name)
}

// parse reads the number of a bucket as the engine gives it.
func (w *bucketWrite) parse(text *string) (int, error) {
	if text != nil {
		if n, err := strconv.Atoi(*text); err == nil && n >= 0 && n < w.Count {
			return n, nil
		}
	}
	return 0, trinoerr.New(trinoerr.GenericInternalError, "a row has no bucket")
}

// of is the bucket of a row of a batch with columns of some types.
func (w *bucketWrite) of(b *connector.Batch, list []types.Type, row int) int {
	hashes := make([]int32, len(w.Columns))
	for i, at := range w.Columns {
		hashes[i], _ = bucketHash(w.Version, list[at], valueAt(&b.Columns[at], list[at], row)) // all of them have one, see bucketWrite
	}
	return hivehash.Bucket(w.Count, hashes...)
}

// valueAt is a value of a column of a type that has buckets.
func valueAt(v *connector.Vector, t types.Type, i int) any {
	if v.IsNull(i) {
		return nil
	}
	switch t.Kind {
	case types.Boolean:
		return v.I8[i] != 0
	case types.TinyInt:
		return int64(v.I8[i])
	case types.SmallInt:
		return int64(v.I16[i])
	case types.Integer:
		return int64(v.I32[i])
	case types.BigInt:
		return v.I64[i]
	case types.Date:
		return types.DateValue(v.I32[i])
	case types.Real:
		return v.F32[i]
	case types.Double:
		return v.F64[i]
	}
	return string(v.Data[v.Offsets[i]:v.Offsets[i+1]])
}
