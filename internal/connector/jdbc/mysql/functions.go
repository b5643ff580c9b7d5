package mysql

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Function declines: MySQL computes with wider types than Trino, and so overflows elsewhere.
func (Dialect) Function(*connector.Call, []string) (string, bool) { return "", false }

// doubles are aggregate functions of doubles, with MySQL's names.
var doubles = map[string]string{"sum": "sum", "avg": "avg", "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop",
	"variance": "var_samp", "var_samp": "var_samp", "var_pop": "var_pop"}

// Aggregate renders aggregate functions. Sums are decimals and are read as what Trino has.
func (Dialect) Aggregate(a *connector.Aggregate, args []string) (string, bool) {
	if len(args) != 1 {
		return "", false
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
		case types.Decimal, types.Date, types.Time, types.Timestamp, types.TimestampTZ, types.Varchar:
			integral = true
		}
		return a.Function + "(" + args[0] + ")", integral
	case first.Kind == types.Double && doubles[a.Function] != "":
		return doubles[a.Function] + "(" + args[0] + ")", true
	case a.Function == "sum" && (integral || first.Kind == types.Decimal):
		return "sum(" + args[0] + ")", true
	case a.Function == "avg" && integral && !strings.HasPrefix(args[0], "DISTINCT "):
		return "avg(" + args[0] + " + 0e0)", true
	}
	return "", false
}
