package delta

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func TestPartitionValues(t *testing.T) {
	for _, tt := range []struct{ typ, text, want string }{
		{"bigint", "-5", "-5"}, {"tinyint", "128", "error"}, {"varchar", "a/b", "a/b"}, {"varchar", "", "NULL"}, {"boolean", "TRUE", "true"},
		{"decimal(5,2)", "1.5", "1.50"}, {"decimal(5,2)", "1000", "error"}, {"date", "2020-02-30", "error"}, {"date", "0001-01-01", "0001-01-01"},
		{"timestamp(6)", "2020-01-01 00:00:00.5", "2020-01-01 00:00:00.500000"}, {"timestamp(6)", "2020-01-01T00:00:00.000001", "2020-01-01 00:00:00.000001"},
		{"timestamp(3) with time zone", "2020-01-01T02:00:00.1234+02:00", "2020-01-01 00:00:00.123 UTC"},
		{"timestamp(3) with time zone", "1969-12-31 23:59:59.9999", "1969-12-31 23:59:59.999 UTC"},
		{"double", "1e3", "1000.0"}, {"real", "x", "error"}, {"row(a bigint)", "1", "error"},
	} {
		typ := types.MustParse(tt.typ)
		v, err := partitionValue(typ, &tt.text)
		got := "error"
		switch {
		case err == nil && v == nil:
			got = "NULL"
		case err == nil:
			got = types.Text(typ, v)
		}
		if got != tt.want && !(tt.typ == "double" && got == "1.0E3") {
			t.Errorf("%s of %s is %s, want %s", tt.text, tt.typ, got, tt.want)
		}
	}
}

// What the engine renders of table partitions comes back from the log.
func TestPartitionTexts(t *testing.T) {
	for _, tt := range []struct{ typ, rendered, want string }{
		{"timestamp(6)", "2020-01-01 00:00:00.5", "2020-01-01 00:00:00.500000"},
		{"timestamp(3) with time zone", "2020-01-01 00:00:00.5+00", "2020-01-01T00:00:00.500000Z"},
		{"varbinary", `a\x00\xFF`, "a\x00\xff"}, {"varchar", `\x41`, `\x41`},
	} {
		got, err := partitionText(types.MustParse(tt.typ), &tt.rendered)
		if err != nil || *got != tt.want {
			t.Errorf("%s as %s is %q, %v", tt.rendered, tt.typ, *got, err)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, typ := range []string{"boolean", "tinyint", "decimal(38,10)", "varbinary", "timestamp(6)", "timestamp(3) with time zone", "array(map(varchar,row(a bigint,b date)))"} {
		want := types.MustParse(typ)
		d, err := deltaType(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := typeOf(&d); !ok || !got.Equal(want) {
			t.Errorf("%s comes back as %s", want, got)
		}
	}
	for _, bad := range []string{"void", "decimal(39,0)", "decimal(1", "variant"} {
		if got, ok := typeOf(&deltalog.Type{Primitive: bad}); ok {
			t.Errorf("%s is %s", bad, got)
		}
	}
}

// The texts of long values enclose them.
func TestLongTexts(t *testing.T) {
	long := "äbcdefghijklmnopqrstuvwxyz0123456789"
	low, high := boundTexts(types.Of(types.Varchar), long, long)
	var l, h string
	if json.Unmarshal(low, &l) != nil || json.Unmarshal(high, &h) != nil || l > long || h < long || len([]rune(l)) != prefixRunes {
		t.Errorf("bounds of %s are %s and %s", long, low, high)
	}
}

func FuzzStats(f *testing.F) {
	f.Add(`{"numRecords":3,"minValues":{"c":1.0,"d":"2020-01-01"},"maxValues":{"c":5},"nullCount":{"c":0}}`, "c")
	f.Fuzz(func(t *testing.T, text, name string) {
		a := &deltalog.Add{Stats: text}
		s := statsOf(a)
		for _, p := range primitives {
			c := &column{physical: name}
			c.Type = p.typ
			low, high, ok := s.bounds(c)
			if ok && (low == nil || high == nil) {
				t.Errorf("bounds %v and %v", low, high)
			}
			if n := s.nulls(c); n < -1 {
				t.Errorf("%d are NULL", n)
			}
		}
		_ = fmt.Sprint(s.rows(a))
	})
}
