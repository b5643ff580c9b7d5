package metastore

import (
	"fmt"
	"strconv"
	"strings"
)

// NullPartition stands for NULL in the names of table partitions.
const NullPartition = "__HIVE_DEFAULT_PARTITION__"

// PartitionName returns the name of a table partition, "k=v/l=w", which is also its directory's. An empty text becomes NULL, as
// in Hive.
func PartitionName(columns []string, values []*string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		v := NullPartition
		if values[i] != nil && *values[i] != "" {
			v = EscapeName(*values[i])
		}
		parts[i] = EscapeName(c) + "=" + v
	}
	return strings.Join(parts, "/")
}

// EscapeName replaces the characters that Hive does not want in names of directories.
func EscapeName(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || strings.IndexByte("\"#%'*/:=?\\\x7f{[]^", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// UnescapeName is the reverse of EscapeName; a percent sign without a number after it stands for itself.
func UnescapeName(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// PartitionValues returns the values in a table partition's name, nil for NULL; ok is false when the name is not one of
// these columns.
func PartitionValues(columns []string, name string) (values []*string, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) != len(columns) {
		return nil, false
	}
	for i, p := range parts {
		column, v, found := strings.Cut(p, "=")
		if !found || !strings.EqualFold(UnescapeName(column), columns[i]) {
			return nil, false
		}
		if v == NullPartition {
			values = append(values, nil)
			continue
		}
		v = UnescapeName(v)
		values = append(values, &v)
	}
	return values, true
}
