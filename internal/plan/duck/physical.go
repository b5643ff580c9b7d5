package duck

import (
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// microPrecision is where DuckDB's own timestamps end: its nanoseconds only reach from 1677 to 2262.
const microPrecision = 6

// simplePhysical are the DuckDB types of the kinds without parameters. Whatever is opaque to SQL is a BLOB.
var simplePhysical = map[types.Kind]string{
	types.Unknown: "INTEGER", types.Boolean: "BOOLEAN", types.TinyInt: "TINYINT", types.SmallInt: "SMALLINT",
	types.Integer: "INTEGER", types.BigInt: "BIGINT", types.Real: "FLOAT", types.Double: "DOUBLE",
	types.Varchar: "VARCHAR", types.Char: "VARCHAR", types.Varbinary: "BLOB", types.JSON: "VARCHAR", types.Date: "DATE",
	types.IntervalDayToSecond: "BIGINT", types.IntervalYearToMonth: "INTEGER", types.UUID: "UUID",
	types.IPAddress: "BLOB", types.HyperLogLog: "BLOB", types.P4HyperLogLog: "BLOB", types.QDigest: "BLOB",
	types.TDigest: "BLOB", types.SetDigest: "BLOB", types.JSONPath: "VARCHAR", types.Color: "VARCHAR",
	types.CodePoints: "VARCHAR",
}

// Physical returns the DuckDB type that holds values of a SQL type in a task: in expressions, in results, and in the
// Parquet files between stages.
//
//	char(n)                        VARCHAR without trailing spaces
//	time(p), p > 6                 BIGINT picoseconds since midnight
//	time(p) with time zone         STRUCT(t BIGINT, o INTEGER): local picoseconds, offset in minutes
//	timestamp(p)                   p ≤ 6 TIMESTAMP; else STRUCT(t TIMESTAMP, p INTEGER) with the picoseconds of the
//	                               microsecond
//	timestamp(p) with time zone    STRUCT(t, z VARCHAR), t the instant in UTC; p > 6 STRUCT(t, p, z)
//	interval day to second         BIGINT milliseconds
//	interval year to month         INTEGER months
//	row                            STRUCT(f1, f2, …), since names may be missing or repeat
//	ipaddress                      BLOB of 16 bytes
//	unknown                        INTEGER, always NULL
func Physical(t types.Type) string { return physical(t) }

func physical(t types.Type) string {
	switch t.Kind {
	case types.Decimal:
		return "DECIMAL(" + strconv.Itoa(t.P) + ", " + strconv.Itoa(t.S) + ")"
	case types.Time:
		if t.P <= microPrecision {
			return "TIME"
		}
		return "BIGINT"
	case types.TimeTZ:
		return "STRUCT(t BIGINT, o INTEGER)"
	case types.Timestamp:
		if t.P <= microPrecision {
			return "TIMESTAMP"
		}
		return "STRUCT(t TIMESTAMP, p INTEGER)"
	case types.TimestampTZ:
		if t.P <= microPrecision {
			return "STRUCT(t TIMESTAMP, z VARCHAR)"
		}
		return "STRUCT(t TIMESTAMP, p INTEGER, z VARCHAR)"
	case types.Array:
		return physical(t.Elem(0)) + "[]"
	case types.Map:
		return "MAP(" + physical(t.Elem(0)) + ", " + physical(t.Elem(1)) + ")"
	case types.Row:
		fields := make([]string, len(t.Args))
		for i, f := range t.Args {
			fields[i] = fieldName(i) + " " + physical(f.Type)
		}
		return "STRUCT(" + strings.Join(fields, ", ") + ")"
	}
	if s, ok := simplePhysical[t.Kind]; ok {
		return s
	}
	panic("duck: no DuckDB type for " + t.String())
}

// fieldName is the name of the i-th field of a row.
func fieldName(i int) string { return "f" + strconv.Itoa(i+1) }

// fromTable converts a column of a bound table to the physical type: char values may come padded.
func fromTable(sql string, t types.Type) string {
	if t.Kind == types.Char {
		return "rtrim(" + sql + ", ' ')"
	}
	return sql
}
