package slot

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// computed returns the SQL of a computed column, see connector.ComputedColumn, of values of some types in the engine's form.
func computed(values []string, list []types.Type, c connector.ComputedColumn) string {
	if c.Transform == "hive" {
		return hiveBucket(values, list, c)
	}
	value, t := values[c.Column], list[c.Column]
	if t.Kind == types.TimestampTZ {
		value = "(" + value + ").t"
	}
	switch c.Transform {
	case "identity":
		return identity(value, t)
	case "year", "month", "day", "hour":
		return "datediff('" + c.Transform + "', TIMESTAMP '1970-01-01', CAST(" + value + " AS TIMESTAMP))"
	case "bucket":
		return fmt.Sprintf("(%s %% %d)", bucketHash(value, t), c.Width)
	case "truncate":
		return truncated(value, t, c.Width)
	}
	return "CAST(NULL AS VARCHAR)"
}

// identity is the value itself, as text that says all of it.
func identity(value string, t types.Type) string {
	switch t.Kind {
	case types.Date:
		return "datediff('day', DATE '1970-01-01', " + value + ")"
	case types.Time, types.Timestamp, types.TimestampTZ:
		return "epoch_us(" + value + ")"
	case types.Varbinary:
		return "hex(" + value + ")"
	case types.Real, types.Double, types.UUID, types.Boolean, types.Decimal:
		return "CAST(" + value + " AS VARCHAR)"
	}
	return value
}

// bucketHash is the hash of a value in Iceberg's specification: numbers, days and microseconds as longs, decimals by their unscaled bytes.
func bucketHash(value string, t types.Type) string {
	switch t.Kind {
	case types.Varchar, types.Char:
		return "wb_murmur3_32(encode(" + value + "))"
	case types.Varbinary:
		return "wb_murmur3_32(" + value + ")"
	case types.UUID:
		return "wb_murmur3_32(unhex(replace(CAST(" + value + " AS VARCHAR), '-', '')))"
	case types.Decimal:
		return "wb_murmur3_32_decimal(replace(CAST(" + value + " AS VARCHAR), '.', ''))"
	case types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return "wb_murmur3_32_bigint(CAST(" + identity(value, t) + " AS BIGINT))"
	}
	return "wb_murmur3_32_bigint(CAST(" + value + " AS BIGINT))"
}

func truncated(value string, t types.Type, width int) string {
	unit := fmt.Sprint(width)
	switch t.Kind {
	case types.Varchar, types.Char:
		return fmt.Sprintf("left(%s, %d)", value, width)
	case types.Varbinary:
		return fmt.Sprintf("left(hex(%s), %d)", value, 2*width)
	case types.Decimal:
		// All digits of the unscaled value, which HUGEINT has room for.
		n := "CAST(replace(CAST(" + value + " AS VARCHAR), '.', '') AS HUGEINT)"
		return strings.NewReplacer("N", n, "W", unit).Replace("CAST(N - ((N % W) + W) % W AS VARCHAR)")
	}
	n := "CAST(" + value + " AS HUGEINT)" // the smallest numbers have none below
	return strings.NewReplacer("N", n, "W", unit).Replace("CAST(N - ((N % W) + W) % W AS VARCHAR)")
}

// hiveBucket is the bucket of a row in a table of Hive.
func hiveBucket(values []string, list []types.Type, c connector.ComputedColumn) string {
	hash := "0::BIGINT"
	for _, i := range c.Columns {
		hash = fmt.Sprintf("wb_hive_hash_combine(%s, coalesce(%s, 0::BIGINT))", hash, hiveHash(values[i], list[i], c.Version))
	}
	return fmt.Sprintf("((%s & 2147483647) %% %d)", hash, c.Width)
}

// hiveHash is the hash of a value of one of the types that tables of Hive can be bucketed by.
func hiveHash(value string, t types.Type, version int) string {
	function, argument := "text", value
	switch t.Kind {
	case types.Varchar:
		if t.P != types.UnboundedLength {
			function = "varchar"
		}
	case types.Boolean, types.TinyInt:
		return "CAST(" + value + " AS BIGINT)"
	case types.SmallInt:
		function, argument = "smallint", "CAST("+value+" AS SMALLINT)"
	case types.Integer:
		function, argument = "integer", "CAST("+value+" AS INTEGER)"
	case types.Date:
		function, argument = "integer", "CAST("+identity(value, t)+" AS INTEGER)"
	case types.BigInt:
		function, argument = "bigint", "CAST("+value+" AS BIGINT)"
	case types.Real:
		return "wb_hive_hash_real(CAST(" + value + " AS FLOAT))"
	case types.Double:
		return "wb_hive_hash_double(CAST(" + value + " AS DOUBLE))"
	}
	return fmt.Sprintf("wb_hive_hash_%s(%d::BIGINT, %s)", function, version, argument)
}
