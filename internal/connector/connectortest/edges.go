package connectortest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// edges are values at the ends of types, and those that are easily taken for something else. Each type has NULL besides.
var edges = []struct {
	typ    string
	values []string // literals
}{
	{"boolean", []string{"true", "false"}},
	{"tinyint", []string{"-128", "0", "127"}},
	{"smallint", []string{"-32768", "0", "32767"}},
	{"integer", []string{"-2147483648", "0", "2147483647"}},
	{"bigint", []string{"-9223372036854775807 - 1", "0", "9223372036854775807"}},
	{"real", []string{"REAL '0'", "REAL '-0.1'", "REAL '3.4028235E38'", "REAL '1.4E-45'", "CAST(nan() AS real)", "CAST(infinity() AS real)", "CAST(-infinity() AS real)"}},
	{"double", []string{"0e0", "-1e-1", "1.7976931348623157E308", "4.9E-324", "nan()", "infinity()", "-infinity()"}},
	{"decimal(1,0)", []string{"9", "-9", "0"}},
	{"decimal(9,2)", []string{"9999999.99", "-9999999.99", "0.01"}},
	{"decimal(18,18)", []string{"0.999999999999999999", "-0.999999999999999999", "0"}},
	{"decimal(38,0)", []string{"DECIMAL '99999999999999999999999999999999999999'", "DECIMAL '-99999999999999999999999999999999999999'", "1"}},
	{"decimal(38,10)", []string{"9999999999999999999999999999.9999999999", "-0.0000000001", "0"}},
	{"varchar", []string{"''", "' '", "'a '", "'NULL'", "'it''s'", `'back\slash "quotes"'`, "U&'line\\000Afeed \\0009 tab'", "U&'\\+01F600 \\00E4\\0061\\0308'", "'%_*?'",
		"rpad('', 5000, 'long ')"}},
	{"varchar(3)", []string{"'abc'", "''", "U&'\\00E4\\00F6\\+01F600'"}},
	{"char(3)", []string{"'a'", "'abc'", "''", "' a'"}},
	{"varbinary", []string{"X''", "X'00'", "X'00FF5C27'"}},
	{"date", []string{"DATE '0001-01-01'", "DATE '1582-10-04'", "DATE '1582-10-15'", "DATE '1969-12-31'", "DATE '1970-01-01'", "DATE '2000-02-29'", "DATE '9999-12-31'"}},
	{"time(0)", []string{"TIME '00:00:00'", "TIME '23:59:59'"}},
	{"time(3)", []string{"TIME '00:00:00.001'", "TIME '23:59:59.999'"}},
	{"time(6)", []string{"TIME '00:00:00.000001'", "TIME '23:59:59.999999'"}},
	{"timestamp(0)", []string{"TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '1969-12-31 23:59:59'", "TIMESTAMP '9999-12-31 23:59:59'"}},
	{"timestamp(3)", []string{"TIMESTAMP '1582-10-04 12:34:56.789'", "TIMESTAMP '1969-12-31 23:59:59.999'", "TIMESTAMP '9999-12-31 23:59:59.999'"}},
	{"timestamp(6)", []string{"TIMESTAMP '0001-01-01 00:00:00.000001'", "TIMESTAMP '1969-12-31 23:59:59.999999'", "TIMESTAMP '9999-12-31 23:59:59.999999'"}},
	{"timestamp(9)", []string{"TIMESTAMP '1969-12-31 23:59:59.999999999'", "TIMESTAMP '2020-02-29 12:34:56.123456789'"}},
	{"timestamp(12)", []string{"TIMESTAMP '1969-12-31 23:59:59.999999999999'", "TIMESTAMP '2020-02-29 12:34:56.123456789012'"}},
	{"timestamp(3) with time zone", []string{"TIMESTAMP '1969-12-31 23:59:59.999 UTC'", "TIMESTAMP '2020-02-29 12:34:56.123 UTC'"}},
	{"timestamp(6) with time zone", []string{"TIMESTAMP '1969-12-31 23:59:59.999999 UTC'", "TIMESTAMP '2020-02-29 12:34:56.123456 UTC'"}},
	{"uuid", []string{"UUID '00000000-0000-0000-0000-000000000000'", "UUID 'ffffffff-ffff-ffff-ffff-ffffffffffff'", "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'"}},
	{"json", []string{`JSON '{"a":[1,null,"x"]}'`, "JSON 'null'", `JSON '""'`}},
	{"array(bigint)", []string{"ARRAY[]", "ARRAY[1, NULL, 9223372036854775807]"}},
	{"array(varchar)", []string{"ARRAY['', NULL, 'it''s']", "ARRAY[]"}},
	{"map(varchar, bigint)", []string{"MAP()", "MAP(ARRAY['', 'b'], ARRAY[1, NULL])"}},
	{"row(a bigint, b varchar)", []string{"ROW(1, 'x')", "ROW(NULL, NULL)", "ROW(-1, '')"}},
	{"array(row(k varchar, v array(integer)))", []string{"ARRAY[ROW('a', ARRAY[1, NULL]), ROW(NULL, NULL), NULL]", "ARRAY[]"}},
}

// types checks what becomes of values of each type: they come back as they were. Harness.Types says of which types that is not so.
func typeEdges(t *testing.T, h Harness) {
	c := h.New(t)
	defer c.Close()
	for i, e := range edges {
		t.Run(e.typ, func(t *testing.T) { edgesOf(t, h, c, fmt.Sprintf("edge_%d", i), e.typ, e.values) })
	}
}

func edgesOf(t *testing.T, h Harness, c connector.Connector, name, typ string, values []string) {
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return slices.Contains(h.Without, v) })
	want, other := h.Types[typ]
	def := &connector.Table{Name: connector.SchemaTable{Schema: h.Schema, Table: name},
		Columns: []connector.Column{{Name: "id", Type: types.Of(types.BigInt)}, {Name: "v", Type: types.MustParse(typ)}}}
	err := c.(connector.TableCreator).CreateTable(t.Context(), def)
	if other && want == "" {
		if err == nil || trinoerr.CodeOf(err).Type != trinoerr.UserError {
			t.Errorf("there is no mapping, but the error of CREATE TABLE is %v", err)
		}
		return
	}
	must(t, err)
	if !other {
		want = typ
	}
	columns := visible(describe(t, c, def.Name))
	if len(columns) != 2 {
		t.Fatalf("the table has the columns %v: the type can be made and not read", columns)
	}
	if got := columns[1].Type; !got.Equal(types.MustParse(want)) {
		t.Fatalf("the column is of type %s instead of %s", got, want)
	}
	stored := values
	if !slices.Contains(h.Without, "NULL AS "+typ) {
		stored = append(stored, "NULL")
	}
	rows := make([]string, 0, len(stored))
	for i, v := range stored {
		rows = append(rows, fmt.Sprintf("(BIGINT '%d', CAST(%s AS %s))", i, v, typ))
	}
	as := "CAST(v AS " + want + ")"
	if typ == "varbinary" && want == "varchar" {
		as = "from_utf8(v)"
	}
	list := "(VALUES " + strings.Join(rows, ", ") + ") AS x (id, v)"
	insert(t, c, h.Schema, name, "INSERT INTO "+name+" SELECT id, "+as+" FROM "+list)
	if h.Forgets {
		return
	}
	expected, _ := answer(t, c, h.Schema, "SELECT id, "+as+" FROM "+list, false, false)
	read, _ := answer(t, c, h.Schema, "SELECT id, v FROM "+name, true, false)
	wantRows(t, read, expected...)
	nulls, _ := answer(t, c, h.Schema, "SELECT id FROM "+name+" WHERE v IS NULL", true, false)
	if len(stored) > len(values) {
		wantRows(t, nulls, fmt.Sprint(len(values)))
	}
	must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, def.Name)))
}
