package hive

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// nested is a row of files with rows in it.
type nested struct {
	ID int64   `parquet:"id"`
	R  *fields `parquet:"r,optional"`
}

type fields struct {
	X    *int64 `parquet:"X,optional"`
	Text string `parquet:"text"`
	S    struct {
		P int64 `parquet:"p"`
	} `parquet:"s"`
	List []int64 `parquet:"list,list"`
}

// writeNested writes rows whose r.x and r.s.p are their numbers, in groups of ten. Of the first ten r is NULL, of the next r.x.
func writeNested(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := parquet.NewGenericWriter[nested](f)
	for i := range int64(40) {
		row := nested{ID: i}
		if i >= 10 {
			row.R = &fields{}
			row.R.Text, row.R.S.P = strings.Repeat(string(rune('a'+i%20)), 1000), i
			if i >= 20 {
				row.R.X = &i
			}
		}
		if _, err := w.Write([]nested{row}); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A field of a row is a column: its bytes, bounds and NULLs are its own, and a file that lacks it has NULLs.
func TestFields(t *testing.T) {
	c, root := open(t)
	table, dir := external(t, c, root, "t", "id bigint, r row(x bigint,text varchar,s row(p bigint,q varchar),list array(bigint))")
	writeNested(t, filepath.Join(dir, "a"))
	writeFile(t, filepath.Join(dir, "b"), 5, 10) // has no r
	c.maxSplitBytes = 1
	field := func(path ...int) connector.Column { return connector.FieldColumn(table.Columns[1], path) }
	in := func(name string, null bool, values ...any) []connector.Domain {
		return []connector.Domain{{Column: name, Values: values, NullAllowed: null}}
	}
	const all = "a[0-10) a[10-20) a[20-30) a[30-40) b:5"
	tests := []struct {
		name       string
		columns    []connector.Column
		constraint []connector.Domain
		want       string
	}{
		{"no constraint", []connector.Column{field(0)}, nil, all},
		{"value", []connector.Column{field(0)}, in("r.x", false, int64(25)), "a[20-30)"},
		{"value or NULL", []connector.Column{field(0)}, in("r.x", true, int64(25)), "a[0-10) a[10-20) a[20-30) b:5"},
		{"within a field", []connector.Column{field(2, 0), table.Columns[0]}, in("r.s.p", false, int64(12), int64(39)), "a[10-20) a[30-40)"},
		{"text", []connector.Column{field(1)}, in("r.text", false, "0"), ""},
		{"field that the file lacks", []connector.Column{field(2, 1)}, in("r.s.q", false, "x"), ""},
		{"of another column", []connector.Column{field(0), table.Columns[0]}, in("id", false, int64(3)), "a[0-10) b:5"},
		{"array", []connector.Column{field(3)}, in("r.list", false, "anything"), "a[0-10) a[10-20) a[20-30) a[30-40)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: tt.columns, Constraint: tt.constraint}
			if got := strings.Join(splits(t, c, scan), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	size := func(columns ...connector.Column) (bytes float64) {
		st, err := c.Statistics(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle, Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		for _, col := range columns {
			bytes += st.Columns[col.Name].Bytes
		}
		return bytes
	}
	if x, r := size(field(0)), size(table.Columns[1]); x <= 0 || x*4 > r {
		t.Errorf("r.x has %v bytes, r %v", x, r)
	}
	st, err := c.Statistics(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle, Columns: []connector.Column{field(0)}})
	if got := st.Columns["r.x"]; err != nil || got.Low != 20 || got.High != 39 || got.NullFraction != 25.0/45 {
		t.Errorf("r.x: %+v, %v", got, err)
	}
	src, err := c.Source(t.Context(), connector.Scan{Table: table.Name, Handle: table.Handle, Columns: []connector.Column{field(0), field(2, 1), field(2, 0)}}, splitList(t, c,
		connector.Scan{Table: table.Name, Handle: table.Handle, Columns: []connector.Column{field(0), field(2, 1), field(2, 0)}}))
	if err != nil {
		t.Fatal(err)
	}
	first := src.Files[0].Columns
	if first[0].Name != "r" || strings.Join(first[0].Fields, ".") != "X" || first[1].Name != "" || strings.Join(first[2].Fields, ".") != "s.p" {
		t.Errorf("columns of the file: %+v", first)
	}
}

func splitList(t *testing.T, c *Connector, scan connector.Scan) []connector.Split {
	t.Helper()
	src, err := c.Splits(t.Context(), scan)
	if err != nil {
		t.Fatal(err)
	}
	list, err := src.Next(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A field of what is no row in the file cannot be read.
func TestFieldOfNoRow(t *testing.T) {
	c, root := open(t)
	table, dir := external(t, c, root, "t", "id row(x bigint), name varchar")
	writeFile(t, filepath.Join(dir, "a"), 5, 10)
	scan := connector.Scan{Table: table.Name, Handle: table.Handle, Columns: []connector.Column{connector.FieldColumn(table.Columns[0], []int{0})}}
	if got := strings.Join(splits(t, c, scan), " "); !strings.Contains(got, "Unsupported Trino column type (row(x bigint)) for Parquet column ([id] INT64)") {
		t.Errorf("got %s", got)
	}
}
