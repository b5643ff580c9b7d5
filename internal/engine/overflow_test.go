package engine

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

func TestOverflow(t *testing.T) {
	i := open(t, 0)
	for _, tt := range []struct{ sql, want string }{
		{"SELECT CAST(9223372036854775807 AS BIGINT) + x FROM (VALUES (CAST(1 AS BIGINT))) t(x)", "bigint addition overflow: 9223372036854775807 + 1"},
		{"SELECT CAST(-32768 AS SMALLINT) - x FROM (VALUES (CAST(1 AS SMALLINT))) t(x)", "smallint subtraction overflow: -32768 - 1"},
		{"SELECT CAST(2000000000 AS INTEGER) * x FROM (VALUES (CAST(5 AS INTEGER))) t(x)", "integer multiplication overflow: 2000000000 * 5"},
		{"SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) + x FROM (VALUES (CAST(1 AS DECIMAL(38, 0)))) t(x)", "Decimal overflow"},
		{"SELECT CAST(sum(x) AS BIGINT) FROM (VALUES (9223372036854775807), (1)) t(x)", "bigint overflow: 9223372036854775808"},
	} {
		err := i.Exec(context.Background(), tt.sql)
		if trinoerr.CodeOf(err) != trinoerr.NumericValueOutOfRange || err.Error() != tt.want {
			t.Errorf("%s\ngot  %v\nwant %s", tt.sql, err, tt.want)
		}
	}
}
