package duck

import "github.com/waterbear-sql/waterbear/internal/types"

// TableType returns the DuckDB type that a lowered statement expects of a column of a bound table: the physical type,
// except for timestamps with time zone that connectors deliver as the milliseconds of their instant, and
// timestamps of nanoseconds.
func TableType(t types.Type) string {
	if t.Kind == types.TimestampTZ && t.P <= 3 {
		return "BIGINT"
	}
	if t.Kind == types.Timestamp && t.P > microPrecision && t.P <= nanoPrecision {
		return "TIMESTAMP_NS"
	}
	return physical(t)
}
