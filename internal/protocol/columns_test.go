package protocol_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// The file holds the columns with which a Trino 476 answered, one on a line after the capabilities of the client.
func TestColumnsAreTrinos(t *testing.T) {
	recorded, err := os.ReadFile("testdata/columns.txt")
	if err != nil {
		t.Fatal(err)
	}
	row := func(fields ...types.Field) types.Type { return types.RowOf(fields...) }
	field := func(name string, t types.Type) types.Field { return types.Field{Name: name, Type: t} }
	integer := types.Of(types.Integer)
	columns := map[string]types.Type{
		"a": integer, "b": types.TimestampP(6), "c": types.DecimalOf(10, 2), "d": types.ArrayOf(integer),
		"e": types.MapOf(types.VarcharN(1), types.DecimalOf(2, 1)),
		"f": row(field("x", integer), field("y", types.Of(types.Varchar))), "g": row(field("", integer), field("", integer)),
		"h": types.CharN(3), "i": types.VarcharN(3), "j": types.Of(types.Varchar), "k": types.TimestampTZP(6),
		"l": types.TimeP(6), "m": types.TimeTZP(4), "n": types.Of(types.IntervalDayToSecond),
		"o": types.Of(types.IntervalYearToMonth), "p": types.Of(types.Unknown), "q": types.Of(types.Varbinary),
		"r": types.Of(types.UUID), "s": types.Of(types.JSON), "t": types.Of(types.Date), "u": types.Of(types.Real),
		"v": types.Of(types.Double), "w": types.Of(types.IPAddress), "x": types.Of(types.TinyInt), "y": types.Of(types.Boolean),
		"z": types.Of(types.Color), "hll": types.Of(types.HyperLogLog),
		"quoted": row(field("A b", integer), field("select", integer), field("Ab", integer), field("ok1", types.TimestampP(9))),
		"nested": types.MapOf(types.Of(types.IntervalDayToSecond), types.ArrayOf(row(field("", types.TimeTZP(0))))),
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(recorded)) {
		capability, want, _ := strings.Cut(strings.TrimSpace(line), " ")
		name := strings.SplitN(want, `"`, 5)[3]
		seen[name] = true
		f := start(t, protocol.Config{}, always(protocoltest.Rows([]protocol.Column{{Name: name, Type: columns[name]}})))
		_, _, text := f.do("GET", f.post("SELECT", "X-Trino-Client-Capabilities", capability), "")
		if got := string(f.fields(text)["columns"]); got != "["+want+"]" {
			t.Errorf("%s:\n got %s\nwant [%s]", capability, got, want)
		}
	}
	for name := range columns {
		if !seen[name] {
			t.Errorf("column %s is not in the recording", name)
		}
	}
}

func TestClientType(t *testing.T) {
	old, new := &protocol.Session{}, &protocol.Session{Capabilities: []string{protocol.ParametricDatetime}}
	in := types.MapOf(types.TimeP(12), types.ArrayOf(types.RowOf(types.Field{Name: "a", Type: types.TimestampTZP(0)})))
	want := types.MapOf(types.TimeP(3), types.ArrayOf(types.RowOf(types.Field{Name: "a", Type: types.TimestampTZP(3)})))
	before := slices.Clone(in.Args)
	if got := protocol.ClientType(in, old); !got.Equal(want) {
		t.Errorf("ClientType without capability = %v, want %v", got, want)
	}
	if got := protocol.ClientType(in, new); !got.Equal(in) {
		t.Errorf("ClientType with capability = %v, want %v", got, in)
	}
	if !before[0].Type.Equal(in.Args[0].Type) || !in.Elem(1).Elem(0).Elem(0).Equal(types.TimestampTZP(0)) {
		t.Errorf("ClientType changed its argument to %v", in)
	}
}
