package hive

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// nullPartition stands for NULL in the names of table partitions.
const nullPartition = "__HIVE_DEFAULT_PARTITION__"

// checkPartitionText refuses what Hive cannot have in a directory's name.
func checkPartitionText(s string) error {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return trinoerr.New(trinoerr.HiveInvalidPartitionValue,
				"Hive partition keys can only contain printable ASCII characters (0x20 - 0x7E). Invalid value: % X", s)
		}
	}
	return nil
}

// partitionName returns the name of a table partition, "k=v/l=w", which is also its directory's. An empty text becomes NULL, as
// in Hive.
func partitionName(columns []string, values []*string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		v := nullPartition
		if values[i] != nil && *values[i] != "" {
			v = escapeName(*values[i])
		}
		parts[i] = escapeName(c) + "=" + v
	}
	return strings.Join(parts, "/")
}

// escapeName replaces the characters that Hive does not want in names of directories.
func escapeName(s string) string {
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

// unescapeName is the reverse of escapeName; a percent sign without a number after it stands for itself.
func unescapeName(s string) string {
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

// partitionValues returns the values in a table partition's name, nil for NULL; ok is false when the name is not one of
// these columns.
func partitionValues(columns []string, name string) (values []*string, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) != len(columns) {
		return nil, false
	}
	for i, p := range parts {
		column, v, found := strings.Cut(p, "=")
		if !found || !strings.EqualFold(unescapeName(column), columns[i]) {
			return nil, false
		}
		if v == nullPartition {
			values = append(values, nil)
			continue
		}
		v = unescapeName(v)
		values = append(values, &v)
	}
	return values, true
}

// parseValue returns the value of a table partitioning column.
func parseValue(t types.Type, text *string) (any, error) {
	if text == nil {
		return nil, nil
	}
	v, ok := parsePartitionText(t, *text)
	if !ok {
		return nil, trinoerr.New(trinoerr.HiveInvalidPartitionValue, "Invalid partition value '%s' for %s partition key", *text, t)
	}
	return v, nil
}

func parsePartitionText(t types.Type, s string) (any, bool) {
	switch t.Kind {
	case types.Varchar:
		return s, true
	case types.Char:
		return strings.TrimRight(s, " "), true
	case types.Boolean:
		b, err := strconv.ParseBool(strings.ToLower(s))
		return b, err == nil
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		bits := map[types.Kind]int{types.TinyInt: 8, types.SmallInt: 16, types.Integer: 32, types.BigInt: 64}[t.Kind]
		n, err := strconv.ParseInt(s, 10, bits)
		return n, err == nil
	case types.Double:
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	case types.Real:
		f, err := strconv.ParseFloat(s, 32)
		return float32(f), err == nil
	case types.Decimal:
		return parseDecimal(t, s)
	case types.Date:
		// Some writers put the time of midnight behind the day.
		_, v, err := types.ParseLiteral(t, strings.TrimSuffix(s, " 00:00:00"))
		return v, err == nil
	case types.Timestamp:
		_, v, err := types.ParseLiteral(t, s)
		return v, err == nil
	}
	return nil, false
}

// parseDecimal reads a number with at most as many digits as the type has.
func parseDecimal(t types.Type, s string) (any, bool) {
	r, ok := new(big.Rat).SetString(s)
	if !ok || strings.ContainsAny(s, "/eE") {
		return nil, false
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(t.S)), nil)))
	if !r.IsInt() {
		return nil, false
	}
	v, ok := types.Int128FromBig(r.Num())
	return v, ok && len(r.Num().Text(10)) <= t.P+1
}

// hiveText renders a value as Trino does in the names of table partitions.
func hiveText(t types.Type, v any) string {
	switch v.(type) {
	case float32, float64:
		return strings.Trim(string(types.AppendWire(nil, t, v)), `"`)
	}
	s := types.Text(t, v)
	switch t.Kind {
	case types.Decimal:
		if t.S > 0 {
			s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
		}
	case types.Timestamp:
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// partitionable reports whether tables can be partitioned by columns of a type.
func partitionable(t types.Type) bool {
	switch t.Kind {
	case types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real, types.Double, types.Decimal,
		types.Varchar, types.Char, types.Date, types.Timestamp:
		return true
	}
	return false
}
