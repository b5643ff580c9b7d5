package slot

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// The buckets are those of rows of the same values in tables that Trino 476 wrote, with bucketing_version 1 and 2.
func TestHiveBuckets(t *testing.T) {
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	const none = -1
	for _, tt := range []struct {
		types, values string
		first, second int64
	}{
		{"boolean", "true", 1, 1},
		{"tinyint", "-128", 16404, 16404},
		{"smallint", "32767", 2756, 12214},
		{"integer", "-2147483648", 0, 23074},
		{"bigint", "-4294967297", 1, 8122},
		{"bigint", "300::SMALLINT", 300, 19392}, // a narrower type than the column's
		{"real", "-3.25e20::FLOAT", 7134, none},
		{"double", "0.1::DOUBLE", 6920, none},
		{"varchar", "'žluťoučký 😀'", 4080, 14070},
		{"varchar(5)", "'ab'", 4066, 28365},
		{"date", "DATE '1900-01-01'", 20976, 24604},
		{"varchar", "NULL", 0, 0},
		{"varchar bigint", "'hello'; -5", 18735, none},
		{"bigint varchar", "-5; 'hello'", none, 19537},
		{"bigint varchar", "NULL; 'y'", none, 12225},
	} {
		var list []types.Type
		for name := range strings.SplitSeq(tt.types, " ") {
			typ, err := types.Parse(name)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, typ)
		}
		for i, want := range []int64{tt.first, tt.second} {
			if want == none {
				continue
			}
			c := connector.ComputedColumn{Transform: "hive", Width: 30011, Version: i + 1}
			for k := range list {
				c.Columns = append(c.Columns, k)
			}
			var got int64
			sql := "SELECT CAST(" + computed(strings.Split(tt.values, "; "), list, c) + " AS BIGINT)"
			if err := inst.QueryChunks(t.Context(), sql, func(c *engine.Chunk) error {
				got = int64(c.Columns[0].Integer(0).Lo)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("version %d, %s: got %d, want %d", i+1, tt.values, got, want)
			}
		}
	}
}
