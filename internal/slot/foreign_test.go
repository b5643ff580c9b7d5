package slot

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Values of foreign files arrive in the physical type (see duck.Physical), rounded to the precision of the column; and what is written to such
// files is read back the same.
func TestForeign(t *testing.T) {
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	text := func(sql string) string {
		t.Helper()
		got := "NULL"
		err := inst.QueryChunks(t.Context(), "SELECT CAST(("+sql+") AS VARCHAR)", func(c *engine.Chunk) error {
			if c.Rows > 0 && !c.Columns[0].IsNull(0) {
				got = string(c.Columns[0].Bytes(0))
			}
			return nil
		})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return got
	}
	tests := []struct {
		typ, physical, foreign string
		digits                 int
		want                   string
	}{
		{"bigint", "BIGINT", "7", 0, "7"},
		{"timestamp(3)", "TIMESTAMP", "TIMESTAMP '2020-01-01 00:00:00.123'", 3, "2020-01-01 00:00:00.123"},
		{"timestamp(3)", "TIMESTAMP", "TIMESTAMP '2020-01-01 00:00:00.1235'", 6, "2020-01-01 00:00:00.124"},
		{"timestamp(3)", "TIMESTAMP", "TIMESTAMP '1920-01-01 00:00:00.1235'", 6, "1920-01-01 00:00:00.124"},
		{"timestamp(3)", "TIMESTAMP", "TIMESTAMP '1920-01-01 00:00:00.123499'", 6, "1920-01-01 00:00:00.123"},
		{"timestamp(3)", "TIMESTAMP", "TIMESTAMP_NS '1920-01-01 00:00:00.123499999'", 9, "1920-01-01 00:00:00.123"},
		{"timestamp(3)", "TIMESTAMP", "NULL::TIMESTAMP", 6, "NULL"},
		{"timestamp(9)", "STRUCT(t TIMESTAMP, p INTEGER)", "TIMESTAMP_NS '1920-01-01 00:00:00.123456789'", 9, "{'t': '1920-01-01 00:00:00.123456', 'p': 789000}"},
		{"timestamp(9)", "STRUCT(t TIMESTAMP, p INTEGER)", "TIMESTAMP '2200-01-01 00:00:00.123456'", 6, "{'t': '2200-01-01 00:00:00.123456', 'p': 0}"},
		{"timestamp(3) with time zone", "STRUCT(t TIMESTAMP, z VARCHAR)", "TIMESTAMP '2020-01-01 00:00:00'", 3, "{'t': '2020-01-01 00:00:00', 'z': UTC}"},
		{"timestamp(3) with time zone", "STRUCT(t TIMESTAMP, z VARCHAR)", "NULL::TIMESTAMP", 3, "NULL"},
		{"timestamp(3) with time zone", "STRUCT(t TIMESTAMP, z VARCHAR)", "TIMESTAMPTZ '1920-01-01 00:00:00.123999+00'", 6, "{'t': '1920-01-01 00:00:00.123', 'z': UTC}"},
		{"row(x bigint, y varchar)", "STRUCT(f1 BIGINT, f2 VARCHAR)", "{'y': 'a', 'x': 1}", 0, "{'f1': 1, 'f2': a}"},
		{"row(x bigint, y varchar)", "STRUCT(f1 BIGINT, f2 VARCHAR)", "NULL::STRUCT(x BIGINT, y VARCHAR)", 0, "NULL"},
		{"array(row(x bigint))", "STRUCT(f1 BIGINT)[]", "[{'x': 1}, NULL]", 0, "[{'f1': 1}, NULL]"},
		{"map(varchar, row(x array(row(z bigint))))", "MAP(VARCHAR, STRUCT(f1 STRUCT(f1 BIGINT)[]))", "MAP {'k': {'x': [{'z': 5}]}}", 0, "{k={'f1': [{'f1': 5}]}}"},
		{"array(timestamp(3))", "TIMESTAMP[]", "[TIMESTAMP '2020-01-01 00:00:00.1235']", 6, "['2020-01-01 00:00:00.124']"},
	}
	for _, tt := range tests {
		t.Run(tt.typ+" "+tt.foreign, func(t *testing.T) {
			typ, err := types.Parse(tt.typ)
			if err != nil {
				t.Fatal(err)
			}
			physical := func(value string, digits int) string {
				return "SELECT CAST(" + fromForeign(value, typ, digits, nil) + " AS " + tt.physical + ") AS v"
			}
			first := physical("v", tt.digits) + " FROM (SELECT " + tt.foreign + " AS v)"
			if got := text(first); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			for _, utc := range []bool{false, true} {
				again := physical("v", tt.digits) + " FROM (SELECT " + toForeign("v", typ, utc) + " AS v FROM (" + first + "))"
				if got := text(again); got != tt.want {
					t.Errorf("written and read again: got %s, want %s", got, tt.want)
				}
			}
		})
	}
}

// Fields of files may have other names than those of the type, or be missing.
func TestForeignShapes(t *testing.T) {
	inst, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 64 << 20, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close()
	inner := connector.FileShape{Parts: []connector.FileShape{{Name: "p"}, {Missing: true}}}
	tests := []struct {
		typ, physical, foreign, want string
		shape                        connector.FileShape
	}{
		{"row(x bigint, y varchar)", "STRUCT(f1 BIGINT, f2 VARCHAR)", "{'p': 1, 'q': 2}", "{'f1': 1, 'f2': NULL}", inner},
		{"array(row(x bigint, y varchar))", "STRUCT(f1 BIGINT, f2 VARCHAR)[]", "[{'p': 1}, NULL]", "[{'f1': 1, 'f2': NULL}, NULL]",
			connector.FileShape{Parts: []connector.FileShape{inner}}},
		{"map(varchar, row(x bigint, y array(varchar)))", "MAP(VARCHAR, STRUCT(f1 BIGINT, f2 VARCHAR[]))", "MAP {'k': {'p': 1}}", "{k={'f1': 1, 'f2': NULL}}",
			connector.FileShape{Parts: []connector.FileShape{{}, inner}}},
		{"row(x row(x bigint, y varchar))", "STRUCT(f1 STRUCT(f1 BIGINT, f2 VARCHAR))", "{'z': {'p': 1}}", "{'f1': {'f1': 1, 'f2': NULL}}",
			connector.FileShape{Parts: []connector.FileShape{{Name: "z", Parts: inner.Parts}}}},
	}
	for _, tt := range tests {
		typ := types.MustParse(tt.typ)
		sql := "SELECT CAST(CAST(" + fromForeign("v", typ, 0, &tt.shape) + " AS " + tt.physical + ") AS VARCHAR) FROM (SELECT " + tt.foreign + " AS v)"
		if err := inst.QueryChunks(t.Context(), sql, func(c *engine.Chunk) error {
			if got := string(c.Columns[0].Bytes(0)); got != tt.want {
				t.Errorf("%s of %s: got %s, want %s", tt.typ, tt.foreign, got, tt.want)
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
