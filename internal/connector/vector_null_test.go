package connector

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestAppendNull(t *testing.T) {
	for _, text := range []string{"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(18,2)", "decimal(38,2)", "date", "time(6)", "timestamp(6)",
		"timestamp(3) with time zone", "varchar", "char(3)", "varbinary", "json", "uuid", "array(bigint)", "map(varchar, array(date))", "row(a bigint, b row(c varchar))"} {
		typ := types.MustParse(text)
		var v Vector
		for n := range 70 {
			if v.AppendNull(typ); v.Len(typ) != n+1 || !v.IsNull(n) {
				t.Errorf("%s: after %d NULLs there are %d values", typ, n+1, v.Len(typ))
				break
			}
		}
	}
}
