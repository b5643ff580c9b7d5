package hive

import (
	"regexp"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Properties of bucketed tables.
const (
	propBucketedBy    = "bucketed_by"
	propBucketCount   = "bucket_count"
	propBucketVersion = "bucketing_version"
	propSortedBy      = "sorted_by"
)

func bucketProperties() []connector.Property {
	texts, integer := types.ArrayOf(types.Of(types.Varchar)), types.Of(types.Integer)
	return []connector.Property{
		{Name: propBucketedBy, Type: texts, Default: []string{}, Description: "Bucketing columns"},
		{Name: propBucketCount, Type: integer, Default: int64(0), Description: "Number of buckets"},
		{Name: propBucketVersion, Type: integer, Description: "Bucketing version"},
		{Name: propSortedBy, Type: texts, Default: []string{}, Description: "Bucket sorting columns"},
	}
}

// sortColumn is a column to sort by, in text.
var sortColumn = regexp.MustCompile(`(?i)^\s*(.+?)(?:\s+(ASC|DESC))?\s*$`)

// bucketingOf makes sense of properties; nil without buckets. The messages are Trino's.
func bucketingOf(properties map[string]any, columns []connector.Column) (*metastore.Bucketing, error) {
	invalid := func(format string, args ...any) (*metastore.Bucketing, error) {
		return nil, trinoerr.New(trinoerr.InvalidTableProperty, format, args...)
	}
	by, _ := properties[propBucketedBy].([]string)
	count, _ := properties[propBucketCount].(int64)
	sorted, _ := properties[propSortedBy].([]string)
	version, given := properties[propBucketVersion].(int64)
	switch {
	case given && (version < 1 || version > 2):
		return invalid("bucketing_version must be between 1 and 2 (inclusive): %d", version)
	case len(by) == 0 && count == 0 && len(sorted) > 0:
		return invalid("sorted_by may be specified only when bucketed_by is specified")
	case len(by) == 0 && count == 0:
		return nil, nil
	case count < 0:
		return invalid("bucket_count must be greater than zero")
	case len(by) == 0 || count == 0:
		return invalid("bucketed_by and bucket_count must be specified together")
	}
	b := &metastore.Bucketing{Count: int(count), Version: max(1, int(version))}
	for _, name := range by {
		b.Columns = append(b.Columns, strings.ToLower(name))
	}
	var sortNames []string
	for _, text := range sorted {
		m := sortColumn.FindStringSubmatch(text)
		if m == nil {
			return invalid("Invalid sorted_by entry: '%s'", text)
		}
		sortNames = append(sortNames, strings.ToLower(m[1]))
		b.SortedBy = append(b.SortedBy, metastore.SortColumn{Name: strings.ToLower(m[1]), Descending: strings.EqualFold(m[2], "DESC")})
	}
	keys, _ := properties[propPartitionedBy].([]string)
	if err := checkBucketColumns("Bucketing", b.Columns, keys, columns); err != nil {
		return nil, err
	}
	if err := checkBucketColumns("Sorting", sortNames, keys, columns); err != nil {
		return nil, err
	}
	for _, col := range columns {
		if slices.Contains(b.Columns, col.Name) && !bucketable(col.Type) {
			return nil, trinoerr.New(trinoerr.NotSupported, "Cannot create a table bucketed on an unsupported type")
		}
	}
	return b, nil
}

// checkBucketColumns says why columns cannot be those of buckets.
func checkBucketColumns(what string, names, keys []string, columns []connector.Column) error {
	var missing, partitioning []string
	for _, name := range names {
		if !slices.ContainsFunc(columns, func(c connector.Column) bool { return c.Name == name }) {
			missing = append(missing, name)
		}
		if slices.ContainsFunc(keys, func(key string) bool { return strings.EqualFold(key, name) }) {
			partitioning = append(partitioning, name)
		}
	}
	if len(missing) > 0 {
		return trinoerr.New(trinoerr.InvalidTableProperty, "%s columns [%s] not present in schema", what, strings.Join(missing, ", "))
	}
	if len(partitioning) > 0 {
		return trinoerr.New(trinoerr.InvalidTableProperty, "%s columns [%s] are also used as partitioning columns", what, strings.Join(partitioning, ", "))
	}
	return nil
}

// bucketable reports whether tables can be bucketed by columns of a type, in Trino; not all can be written here, see hashable.
func bucketable(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Varchar, types.Date:
		return true
	case types.Array, types.Map:
		for i := range t.Args {
			if !bucketable(t.Elem(i)) {
				return false
			}
		}
		return true
	}
	return false
}

// describeBuckets adds the properties of a bucketed table.
func describeBuckets(t *table, out map[string]any) {
	b := t.meta.Storage.Bucketing
	if b == nil {
		return
	}
	out[propBucketedBy], out[propBucketCount], out[propBucketVersion] = b.Columns, int64(b.Count), int64(b.Version)
	sorted := []string{}
	for _, c := range b.SortedBy {
		if c.Descending {
			c.Name += " DESC"
		}
		sorted = append(sorted, c.Name)
	}
	out[propSortedBy] = sorted
}

// bucketedOn reports whether buckets are made, or sorted, by a column.
func bucketedOn(t *metastore.Table, column string) bool {
	b := t.Storage.Bucketing
	return b != nil && (slices.ContainsFunc(b.Columns, func(name string) bool { return strings.EqualFold(name, column) }) ||
		slices.ContainsFunc(b.SortedBy, func(c metastore.SortColumn) bool { return strings.EqualFold(c.Name, column) }))
}
