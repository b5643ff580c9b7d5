package slot

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// computed returns the SQL of a computed column, see connector.ComputedColumn, of a value of a type in the engine's form.
func computed(value string, t types.Type, c connector.ComputedColumn) string {
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
