package hive

import (
	"math/big"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

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
	if v, ok, plain := lake.ParsePlain(t, s); plain {
		return v, ok
	}
	switch t.Kind {
	case types.Char:
		return strings.TrimRight(s, " "), true
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
