package hive

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
	"github.com/waterbear-sql/waterbear/internal/hivehash"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// noBucket is that of a file of a table without buckets.
const noBucket = -1

// bucketNames are the names of files by which a bucket is known: those that Hive and Trino give, of transactional tables, and those that
// Presto gave once.
var bucketNames = []*regexp.Regexp{
	regexp.MustCompile(`^(0\d+)_\d+.*$`),
	regexp.MustCompile(`^bucket_(\d+)(?:_\d+)?$`),
	regexp.MustCompile(`^\d{8}_\d{6}_\d{5}_[a-z0-9]{5}_bucket-(\d+)(?:[-_.].*)?$`),
}

// bucketOf is the bucket that the name of a file tells.
func bucketOf(name string) (int, bool) {
	for _, pattern := range bucketNames {
		if m := pattern.FindStringSubmatch(name); m != nil {
			n, err := strconv.Atoi(m[1])
			return n, err == nil
		}
	}
	return noBucket, false
}

// chooseBuckets finds the buckets of files, and leaves out the files of those that cannot have rows which satisfy the constraint of a scan.
func (t *table) chooseBuckets(parts []*partition, scan connector.Scan) error {
	b := t.meta.Storage.Bucketing
	if b == nil {
		return nil
	}
	asked := slices.ContainsFunc(scan.Columns, func(c connector.Column) bool { return c.Name == bucketColumn })
	wanted := t.bucketsOf(scan.Constraint)
	for _, p := range parts {
		err := p.findBuckets(t, b.Count)
		switch {
		case err != nil && asked:
			return err
		case err != nil:
			continue // files are read whatever their names are
		}
		p.files = slices.DeleteFunc(p.files, func(f dataFile) bool {
			return wanted != nil && !wanted[f.bucket] || !inBuckets(scan.Constraint, f.bucket)
		})
	}
	return nil
}

// findBuckets says of which bucket each file is. As many files as there are buckets have them in the order of their names, whatever these are.
func (p *partition) findBuckets(t *table, count int) error {
	if p.otherBuckets {
		return trinoerr.New(trinoerr.HivePartitionSchemaMismatch, "Hive table (%s) is bucketed in another way than partition (%s)", t.name, p.name)
	}
	for i := range p.files {
		n, ok := bucketOf(filesystem.Name(p.files[i].Location))
		switch {
		case ok && n >= count:
			return trinoerr.New(trinoerr.HiveInvalidBucketFiles, "Hive table '%s' is corrupt. The highest bucket number in the directory (%d) exceeds the bucket number range defined by the declared bucket count (%d) for partition: %s",
				t.name, n, count, p.label())
		case !ok && len(p.files) != count:
			return trinoerr.New(trinoerr.HiveInvalidBucketFiles, "Hive table '%s' is corrupt. File '%s' does not match the standard naming pattern, and the number of files in the directory (%d) does not match the declared bucket count (%d) for partition: %s",
				t.name, filesystem.Name(p.files[i].Location), len(p.files), count, p.label())
		case !ok:
			for k := range p.files {
				p.files[k].bucket = k
			}
			return nil
		}
		p.files[i].bucket = n
	}
	return nil
}

// label is what errors call the partition.
func (p *partition) label() string {
	if p.name == "" {
		return "<UNPARTITIONED>"
	}
	return p.name
}

// sameBuckets reports whether rows lie in the same buckets. The version is the table's affair.
func sameBuckets(a, b *metastore.Bucketing) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Count == b.Count && slices.Equal(a.Columns, b.Columns)
}

// inBuckets reports whether a constraint on the number of the bucket allows a bucket.
func inBuckets(constraint []connector.Domain, bucket int) bool {
	for _, d := range constraint {
		if n := int64(bucket); d.Column == bucketColumn && !lake.Allowed(d, n, n) {
			return false
		}
	}
	return true
}

// mostBucketKeys is up to how many combinations of values are hashed for a scan.
const mostBucketKeys = 10_000

// bucketsOf are the buckets in which rows that satisfy a constraint can be; nil when that can be any.
func (t *table) bucketsOf(constraint []connector.Domain) map[int]bool {
	b := t.meta.Storage.Bucketing
	hashes := []int32{0} // of the combinations of the columns before
	for _, name := range b.Columns {
		i := slices.IndexFunc(t.columns, func(c connector.Column) bool { return c.Name == strings.ToLower(name) })
		at := slices.IndexFunc(constraint, func(d connector.Domain) bool { return d.Column == strings.ToLower(name) && d.Values != nil })
		if i < 0 || at < 0 {
			return nil
		}
		values := constraint[at].Values
		if constraint[at].NullAllowed {
			values = append(slices.Clone(values), nil)
		}
		if len(hashes)*len(values) > mostBucketKeys {
			return nil
		}
		var next []int32
		for _, v := range values {
			// Equal numbers of these types can have different bits.
			h, ok := bucketHash(b.Version, t.columns[i].Type, v)
			if !ok || t.columns[i].Type.Kind == types.Real || t.columns[i].Type.Kind == types.Double {
				return nil
			}
			for _, before := range hashes {
				next = append(next, hivehash.Combine(before, h))
			}
		}
		hashes = next
	}
	out := map[int]bool{}
	for _, h := range hashes {
		out[hivehash.Bucket(b.Count, h)] = true
	}
	return out
}

// bucketHash is the hash of a value of a type; false when it has none that is known here.
func bucketHash(version int, t types.Type, value any) (int32, bool) {
	if value == nil {
		return 0, hashable(version, t)
	}
	switch v := value.(type) {
	case bool:
		return hivehash.Small(int8(truth(v))), t.Kind == types.Boolean
	case int64:
		switch t.Kind {
		case types.TinyInt:
			return hivehash.Small(int8(v)), true
		case types.SmallInt:
			return hivehash.Short(version, int16(v)), true
		case types.Integer:
			return hivehash.Int(version, int32(v)), true
		case types.BigInt:
			return hivehash.Long(version, v), true
		}
	case types.DateValue:
		return hivehash.Int(version, int32(v)), t.Kind == types.Date
	case string:
		return hivehash.Text(version, t.P != types.UnboundedLength, v), t.Kind == types.Varchar
	case float32:
		return hivehash.Real(v), t.Kind == types.Real && version == hivehash.V1
	case float64:
		return hivehash.Double(v), t.Kind == types.Double && version == hivehash.V1
	}
	return 0, false
}

// hashable reports whether values of a type can be divided among buckets here.
func hashable(version int, t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Date, types.Varchar:
		return true
	case types.Real, types.Double:
		return version == hivehash.V1
	}
	return false
}
