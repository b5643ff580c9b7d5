package functions

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestResolve(t *testing.T) {
	for _, tt := range []struct{ name, args, want string }{
		{"$add", "integer;integer", "$add(integer, integer) -> integer"},
		{"$add", "integer;bigint", "$add(bigint, bigint) -> bigint"},
		{"$add", "bigint;decimal(3,1)", "$add(decimal(p,s), decimal(q,t)) -> decimal(21,1)"},
		{"$add", "decimal(3,1);double", "$add(double, double) -> double"},
		{"$add", "unknown;integer", "$add(integer, integer) -> integer"},
		{"$add", "integer;varchar(1)", "Cannot apply operator: integer + varchar(1)"},
		{"$negate", "varchar(1)", "Cannot negate varchar(1)"},
		{"$subscript", "array(integer);varchar(1)", "Cannot use varchar(1) for subscript of array(integer)"},
		{"$subscript", "array(integer);integer", "$subscript(array(T), bigint) -> integer"},
		{"$divide", "decimal(3,2);decimal(2,1)", "$divide(decimal(p,s), decimal(q,t)) -> decimal(4,2)"},
		{"$add", "date;interval year to month", "$add(date, interval year to month) -> date"},
		{"$add", "timestamp(0);interval day to second", "$add(timestamp(p), interval day to second) -> timestamp(3)"},
		{"sum", "integer", "sum(bigint) -> bigint"},
		{"sum", "decimal(12,2)", "sum(decimal(p,s)) -> decimal(38,2)"},
		{"avg", "decimal(12,2)", "avg(decimal(p,s)) -> decimal(12,2)"},
		{"SUM", "varchar(1)", "Unexpected parameters (varchar(1)) for function sum. Expected: sum(bigint), " +
			"sum(decimal(p,s)), sum(double), sum(interval day to second), sum(interval year to month), sum(real)"},
		{"min", "varchar(5)", "min(T) -> varchar(5)"},
		{"foo", "integer", "Function 'foo' not registered"},
		{"lag", "integer;integer;integer", "lag(T, bigint, T) -> integer"},
	} {
		t.Run(tt.name+"("+tt.args+")", func(t *testing.T) {
			var args []types.Type
			for a := range strings.SplitSeq(tt.args, ";") {
				if a == "unknown" {
					args = append(args, types.Type{})
					continue
				}
				typ, err := types.Parse(a)
				if err != nil {
					t.Fatal(err)
				}
				args = append(args, typ)
			}
			r, err := Resolve(tt.name, args)
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = r.Variant + " -> " + r.Result.String()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}
