package mysql

import (
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/jdbc"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Function declines: MySQL computes with wider types than Trino, and so overflows elsewhere.
func (Dialect) Function(*connector.Call, []string) (string, bool) { return "", false }

// aggregates are the aggregate functions. Sums are decimals and are read as what Trino has.
var aggregates = jdbc.AggregateTable{
	Doubles: map[string]string{"sum": "sum", "avg": "avg", "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
		"variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop"},
	Ordered: []types.Kind{types.Decimal, types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.Varchar},
	Sum:     func(int) string { return "%s" },
	Mean:    "%s + 0e0",
}

// Aggregate renders aggregate functions.
func (Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	return aggregates.Aggregate(a, args)
}
