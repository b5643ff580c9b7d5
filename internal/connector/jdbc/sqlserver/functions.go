package sqlserver

import (
	"fmt"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Function declines: arithmetic has other types than in Trino, and so overflows elsewhere.
func (Dialect) Function(*connector.Call, []string) (string, bool) { return "", false }

// doubles are aggregate functions of doubles, with SQL Server's names.
var doubles = map[string]string{"sum": "sum", "avg": "avg", "stddev": "stdev", "stddev_samp": "stdev", "stddev_pop": "stdevp",
	"variance": "var", "var_samp": "var", "var_pop": "varp"}

// Aggregate renders aggregate functions. Sums of whole numbers are decimals, so that they do not overflow before they are read.
func (Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	arg, distinct := strings.CutPrefix(args[0], "DISTINCT ")
	of := func(function, as string) string {
		value := arg
		if as != "" {
			value = fmt.Sprintf("CAST(%s AS %s)", arg, as)
		}
		if distinct {
			value = "DISTINCT " + value
		}
		return function + "(" + value + ")"
	}
	first := a.Args[0].ResultType()
	integral := false
	switch first.Kind {
	case types.TinyInt, types.SmallInt, types.Integer, types.BigInt:
		integral = true
	}
	switch {
	case a.Function == "min" || a.Function == "max":
		switch first.Kind {
		case types.Decimal, types.Date, types.Time, types.Timestamp, types.TimestampTZ:
			return of(a.Function, ""), true
		}
		return of(a.Function, ""), integral
	case first.Kind == types.Double && doubles[a.Function] != "":
		return of(doubles[a.Function], ""), true
	case a.Function == "sum" && integral:
		return of("sum", "decimal(38, 0)"), true
	case a.Function == "sum" && first.Kind == types.Decimal:
		return of("sum", fmt.Sprintf("decimal(38, %d)", first.S)), true
	case a.Function == "avg" && integral:
		return of("avg", "float(53)"), true
	}
	return "", false
}
