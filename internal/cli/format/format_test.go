package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// recorded is a statement with what a Trino 476 answered.
type recorded struct {
	SQL        string
	UpdateType string
	Columns    []struct {
		Name string
		Type Signature `json:"typeSignature"`
	}
	Data json.RawMessage
}

func readRecorded(t *testing.T) []recorded {
	t.Helper()
	f, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var cases []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c recorded
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	return cases
}

// The files in testdata hold what Trino's own command line client printed for the recorded statements, one after the
// other. It cannot print arrays, maps and rows as JSON, so the statements that have them are left out there.
func TestOutputIsTrinoClients(t *testing.T) {
	cases := readRecorded(t)
	for _, name := range Names {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				if c.UpdateType != "" || name == "JSON" && (strings.HasPrefix(c.SQL, "SELECT ARRAY") || strings.HasPrefix(c.SQL, "SELECT MAP")) {
					continue
				}
				got := print(t, name, c, 0)
				if !bytes.HasPrefix(want, got) {
					t.Fatalf("%s\n--- got:\n%s\n--- want:\n%.1500s", c.SQL, got, want)
				}
				want = want[len(got):]
			}
			if len(want) > 0 {
				t.Errorf("not printed: %s", want)
			}
		})
	}
}

func print(t *testing.T, name string, c recorded, width int) []byte {
	t.Helper()
	var columns []Column
	for _, col := range c.Columns {
		columns = append(columns, Column{col.Name, col.Type.Type()})
	}
	rows, err := ParseRows(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := New(name, columns, &out, width)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) > 0 {
		if err := p.Rows(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAutoFollowsTheWidth(t *testing.T) {
	c := readRecorded(t)[0]
	for width, want := range map[int]string{7: "ALIGNED", 6: "VERTICAL", 0: "VERTICAL"} {
		if got := print(t, "auto", c, width); !bytes.Equal(got, print(t, want, c, 0)) {
			t.Errorf("width %d: not %s:\n%s", width, want, got)
		}
	}
}

func TestNestedJSON(t *testing.T) {
	row := Type{Raw: "row", Args: []Type{{Raw: "bigint"}, {Raw: "array", Args: []Type{{Raw: "varbinary"}}}}, Names: []string{"a", "b"}}
	unnamed := Type{Raw: "row", Args: row.Args, Names: []string{"", ""}}
	columns := []Column{{"r", row}, {"u", unnamed}, {"m", Type{Raw: "map", Args: []Type{{Raw: "double"}, {Raw: "real"}}}}}
	rows, err := ParseRows([]byte(`[[[1,["QQ=="]],[2,null],{"1e10":1e-5,"NaN":"Infinity"}]]`))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p, err := New("JSON", columns, &out, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Rows(rows); err != nil {
		t.Fatal(err)
	}
	want := `{"r":{"a":1,"b":["41"]},"u":[2,null],"m":{"1.0E10":1.0E-5,"NaN":"Infinity"}}` + "\n"
	if got := out.String(); got != want {
		t.Errorf("got %swant %s", got, want)
	}
}

func TestBadRows(t *testing.T) {
	for _, text := range []string{
		"", "[", "[[1,]]", "[[1 2]]", "[1]", "{}", "[[tru]]", `[["a]]`, `[["\x"]]`, `[[{1:2}]]`, `[[{"a" 2}]]`, "[[1]] x", "[[1.]]", "[[-]]",
		strings.Repeat("[", 2000),
	} {
		if rows, err := ParseRows([]byte(text)); err == nil {
			t.Errorf("ParseRows(%.20q) = %v", text, rows)
		}
	}
}

// Whatever encoding/json takes as an array of arrays is read, and nothing else.
func FuzzParseRows(f *testing.F) {
	for _, s := range []string{`[[1,"a\u00e9",null,true,{"k":[1.5e3]}]]`, `[]`, `[[]]`, `[[-0]]`, `[["\ud83d\ude00"]]`, `[[nul]]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := ParseRows(data)
		var want []([]any)
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		ok := json.Valid(data) && d.Decode(&want) == nil && !bytes.Contains(data, []byte("null"))
		if ok && err != nil {
			t.Errorf("%q: %v", data, err)
		}
		if err == nil && !json.Valid(data) {
			t.Errorf("%q is no JSON but was read", data)
		}
	})
}
