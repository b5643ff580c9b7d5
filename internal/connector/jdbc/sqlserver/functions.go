package sqlserver

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Function declines: arithmetic has other types than in Trino, and so overflows elsewhere.
func (Dialect) Function(*connector.Call, []string) (string, bool) { return "", false }

// aggregates are the aggregate functions. Sums of whole numbers are decimals, so that they do not overflow before they are read.
var aggregates = jdbc.AggregateTable{
	Doubles: map[string]string{"sum": "sum", "avg": "avg", "stddev": "stdev", "stddev_samp": "stdev", "stddev_pop": "stdevp",
		"variance": "var", "var_samp": "var", "var_pop": "varp"},
	Ordered: []types.Kind{types.Decimal, types.Date, types.Time, types.Timestamp, types.TimestampTZ},
	Sum:     func(scale int) string { return fmt.Sprintf("CAST(%%s AS decimal(38, %d))", scale) },
	Mean:    "CAST(%s AS float(53))",
}

// Aggregate renders aggregate functions.
func (Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	return aggregates.Aggregate(a, args)
}
