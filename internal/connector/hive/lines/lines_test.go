package lines

import (
	"bytes"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// columns makes columns of "name type, …", divided by semicolons.
func columns(t testing.TB, text string) (list []Column) {
	t.Helper()
	for c := range strings.SplitSeq(text, "; ") {
		name, typ, _ := strings.Cut(c, " ")
		parsed, err := types.Parse(typ)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Column{name, parsed})
	}
	return list
}

const many = "a integer; d decimal(5,2); dt date; ts timestamp(3); b boolean; v varchar(5); c char(2); r row(x integer, y varchar); m map(varchar, integer); l array(integer); vb varbinary"

func options(t testing.TB, format string, pairs ...string) Options {
	t.Helper()
	serde := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		serde[pairs[i]] = pairs[i+1]
	}
	o, err := OptionsOf(format, serde, serde)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// read renders the rows of a text, one in a line: values that are not NULL, as JSON, by the names of their columns.
func read(t testing.TB, o Options, cols []Column, text string) string {
	t.Helper()
	wanted := make([]int, len(cols))
	for i := range wanted {
		wanted[i] = i
	}
	r, err := NewReader(strings.NewReader(text), o, cols, wanted, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		batch := make([]connector.Vector, len(cols))
		n, err := r.Next(batch, 2)
		for row := range n {
			var cells []string
			for i, c := range cols {
				if !batch[i].IsNull(row) {
					v, err := appendJSON(nil, &batch[i], c.Type, row)
					if err != nil {
						t.Fatal(err)
					}
					cells = append(cells, c.Name+"="+string(v))
				}
			}
			out = append(out, strings.Join(cells, " "))
		}
		if err != nil {
			return strings.Join(append(out, "error: "+err.Error()), "\n")
		}
		if n == 0 {
			return strings.Join(out, "\n")
		}
	}
}

// The rows are those that Trino 476 reads.
func TestReadCSV(t *testing.T) {
	const text = "a,b,c\n\"x\",\"y\"\n\n\"it\"\"s\",a\\\"b,\"q\\\"r\"\n  \"lead\",z,w,extra\na,bc\"d\"ef,g\n\"unterminated,x\n,,\n\"\",\\N,NULL\nlast"
	got := read(t, options(t, CSV), columns(t, "a varchar; b varchar; c varchar"), text)
	want := `a="a" b="b" c="c"
a="x" b="y"

a="it\"s" b="a\"b" c="q\"r"
a="  lead" b="z" c="w"
a="a" b="bc\"d\"ef" c="g"

a="" b="" c=""
a="" b="N" c="NULL"
a="last"`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got = read(t, options(t, CSV, SeparatorKey, ";", QuoteKey, "'", HeaderKey, "1", FooterKey, "2"), columns(t, "a varchar; b varchar"), "\xef\xbb\xbfh;h\r\n'x;y';z\rp;q\nfoot\nfoot")
	if want := "a=\"x;y\" b=\"z\"\na=\"p\" b=\"q\""; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The rows are those that Trino 476 reads.
func TestReadText(t *testing.T) {
	rows := []struct{ line, want string }{
		{"1|1.5|2020-01-01|2020-01-01 01:02:03.4567|true|abc|x|7^q|a~1^b~2|1^2|AP+A",
			`a=1 d=1.50 dt="2020-01-01" ts="2020-01-01 01:02:03.457" b=true v="abc" c="x " r={"x":7,"y":"q"} m={"a":1,"b":2} l=[1,2] vb="` + "\\u0000\ufffd\ufffd" + `"`},
		{"x|x|x|x|x|abcdefgh|xyz|7|a||", `v="abcde" c="xy" r={"x":7,"y":null} m={"a":null} l=[] vb=""`},
		{strings.TrimSuffix(strings.Repeat(`\N|`, 11), "|"), ``},
		{strings.Repeat("|", 10), `v="" c="  " r={"x":null,"y":null} m={} l=[] vb=""`},
		{`1.9|1e3| 2020-01-01 |2020-01-01|TRUE| ab |é|^|a~^\N~3|\N^|`, `a=1 dt="2020-01-01" b=true v=" ab " c="é " r={"x":null,"y":""} m={"a":null} l=[null,null] vb=""`},
		{"+5|123456|2020-1-1|2020-01-01T00:00:00|t|日本語テキスト|日本語|1^a^b|k~1^k~2|1^x|AA==", `a=5 dt="2020-01-01" ts="2020-01-01 00:00:00" v="日本語テキ" c="日本" r={"x":1,"y":"a"} m={"k":1} l=[1,null] vb="\u0000"`},
		{`2147483648|-0.005|10000-01-01|1960-01-01 00:00:00.0005|false|a\|b|a|1^\N|~|9`, `d=-0.01 dt="10000-01-01" ts="1960-01-01 00:00:00.001" b=false v="a\\" c="b " r={"x":null,"y":null} m={"1":null} l=[null] vb=""`},
		{"5", "a=5"},
		{"6|x|x|x|x|x|x|x|x|x||x|x", `a=6 v="x" c="x " r={"x":null,"y":null} m={"x":null} l=[null] vb=""`},
	}
	for _, tt := range rows {
		line := strings.NewReplacer("|", "\x01", "^", "\x02", "~", "\x03").Replace(tt.line)
		if got := read(t, options(t, Text), columns(t, many), line+"\n"); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.line, got, tt.want)
		}
	}
	escaped := options(t, Text, TextFieldKey, ";", TextEscapeKey, "\\", TextNullFormatKey, "nil")
	if got := read(t, escaped, columns(t, "a varchar; b array(varchar)"), "x\\;y;p\\\x02q\x02nil\n"); got != `a="x;y" b=["p`+"\\u0002"+`q",null]` {
		t.Errorf("got %s", got)
	}
	rest := options(t, Text, TextFieldKey, "44", takeRestKey, "true")
	if got := read(t, rest, columns(t, "a varchar; b varchar"), "x,y,z\n"); got != `a="x" b="y,z"` {
		t.Errorf("got %s", got)
	}
}

func TestBinary(t *testing.T) {
	for text, want := range map[string]string{"AP+A": "\x00\xff\x80", "": "", "AA": "\x00", "AA==": "\x00", "AAA": "\x00\x00", "A": "", "A A=": "\x00", "-_-_": "\xfb\xff\xbf"} {
		if got := string(binary(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// The rows, and what is refused, are those of Trino 476.
func TestReadJSON(t *testing.T) {
	for _, tt := range []struct{ line, json, openX string }{
		{`{"a":1,"d":1.5,"dt":"2020-01-01","ts":"2020-01-01 01:02:03.4567","b":true,"v":"abc","c":"x","r":{"x":7,"y":"q"},"m":{"a":1,"b":2},"l":[1,null]}`,
			`a=1 d=1.50 dt="2020-01-01" ts="2020-01-01 01:02:03.457" b=true v="abc" c="x " r={"x":7,"y":"q"} m={"b":2,"a":1} l=[1,null]`, "="},
		{`{"A":1,"zz":[{"q":1}],"B":"TRUE","V":12.50,"R":{"Y":null}}`, `a=1 b=true v="12.50" r={"x":null,"y":null}`, "="},
		{`{}`, ``, `=`},
		{`{"a":1,"a":3}`, `a=3`, `=`},
		{`{"a":"5"}`, `error: the value of type integer is no number`, `a=5`},
		{`{"d":"1.555"}`, `d=1.56`, `=`},
		{`{"d":99999}`, `error: Cannot convert '99999' to decimal(5,2). Value too large.`, ``},
		{`{"d":"x"}`, ``, `=`},
		{`{"ts":"2020-01-01T00:00:00"}`, `ts="2020-01-01 00:00:00"`, `=`},
		{`{"ts":1577934245120}`, `error: Text '1577934245120' could not be parsed`, `ts="2020-01-02 03:04:05.12"`},
		{`{"ts":"1577934245.5"}`, `error: Text '1577934245.5' could not be parsed`, `ts="2020-01-02 03:04:05.5"`},
		{`{"b":"yes"}`, `b=false`, `=`},
		{`{"m":{},"l":[],"vb":""}`, `m={} l=[] vb=""`, `=`},
		{` {"d":-1,"m":{"k":1,"k":2}} `, `d=-1.00 m={"k":2}`, `=`},
		{`{"a":7.9}`, `a=7`, `=`},
		{`{"_col0": 9}`, `a=9`, ``},
		{`{"d":12}{"d":13}`, `d=12.00`, `=`},
		{`{"a":1} trailing`, `a=1`, `=`},
		{`[1]`, `error: Invalid JSON: start of object expected`, `a=1`},
		{`null`, `error: Invalid JSON: start of object expected`, ``},
		{``, `error: a value was expected`, ``},
		{`{"v":true,"c":false}`, `v="true" c="fa"`, `=`},
		{`{"v":{"x":1}}`, `error: Invalid JSON: varchar(5) value must be a scalar json value`, `v="{\"x\":"`},
		{`{"l":5}`, `error: Invalid JSON: start of array expected`, `l=[5]`},
		{`{"r":[1]}`, `error: Invalid JSON: start of object expected`, `r={"x":1,"y":null}`},
		{`{"r":5}`, `error: Invalid JSON: start of object expected`, `=`},
		{`{"r":null,"m":null}`, ``, `=`},
		{`{"v":"é\u00e9\n\""}`, `v="éé\n\""`, `=`},
		{`{"a":99999999999}`, `error: Numeric value (99999999999) out of range of integer`, ``},
		{`{"dt":"x"}`, `error: Text 'x' could not be parsed`, ``},
		{`{"dt":"2020-1-1 10:00"}`, `dt="2020-01-01"`, `=`},
		{`{"v":1e3}`, `v="1e3"`, `v="1E+3"`},
		{`{"b":1}`, `b=false`, `=`},
		{`{"a":1,}`, `error: the name of a field was expected at character 8`, `=`},
		{`{'a':1}`, `error: the name of a field was expected at character 2`, `a=1`},
		{`{"v":"abc`, `error: the string is truncated`, `=`},
		{`{"vb":"AP+A"}`, `vb="AP+A"`, `vb="` + "\\u0000\ufffd\ufffd" + `"`},
	} {
		if tt.openX == "=" {
			tt.openX = tt.json
		}
		for format, want := range map[string]string{JSON: tt.json, OpenXJSON: tt.openX} {
			got := read(t, options(t, format), columns(t, many), tt.line+"\n")
			if got != want && !(strings.HasPrefix(want, "error") && strings.HasPrefix(got, want)) {
				t.Errorf("%s %s\ngot  %s\nwant %s", format, tt.line, got, want)
			}
		}
	}
	if got := read(t, options(t, OpenXJSON, malformedKey, "true"), columns(t, "a integer"), "{\n{\"a\":1}\n"); got != "\na=1" {
		t.Errorf("got %q", got)
	}
}

// However a file is cut, every row comes once.
func TestCuts(t *testing.T) {
	const text = "one\ntwo\r\n\r\nfour\rfive\n\nseven"
	cols := columns(t, "a varchar")
	want := read(t, options(t, Text), cols, text)
	for first := 1; first < len(text); first++ {
		for second := first + 1; second < len(text); second++ {
			var got []string
			for _, part := range [][2]int64{{0, int64(first)}, {int64(first), int64(second)}, {int64(second), -1}} {
				r, err := NewReader(strings.NewReader(text[part[0]:]), options(t, Text), cols, []int{0}, part[0], part[1])
				if err != nil {
					t.Fatal(err)
				}
				v := make([]connector.Vector, 1)
				n, err := r.Next(v, 100)
				if err != nil {
					t.Fatal(err)
				}
				for i := range n {
					got = append(got, `a="`+string(v[0].Data[v[0].Offsets[i]:v[0].Offsets[i+1]])+`"`)
				}
			}
			if strings.Join(got, "\n") != want {
				t.Errorf("cut at %d and %d:\n%q\nwant\n%q", first, second, strings.Join(got, "\n"), want)
			}
		}
	}
}

// What Trino 476 writes for these rows.
func TestWrite(t *testing.T) {
	const rows = `{"a":1,"d":1.50,"t":"2020-01-02 03:04:05.120","r":{"x":7,"y":"é\"/"},"m":{"2":2.5},"l":[["2020-01-01",null],null,[]],"b":true,"c":"a","re":1.1,"s":"a\nb"}` + "\n{}\n" +
		`{"a":2,"d":0,"t":"1960-01-01 00:00:00","r":{},"m":{},"l":[],"b":false,"c":"","re":1e20,"s":""}`
	cols := columns(t, "a integer; d decimal(5,2); t timestamp(3); r row(x integer, y varchar); m map(integer, double); l array(array(date)); b boolean; c char(3); re real; s varchar")
	for format, want := range map[string]string{
		Text: "1|1.50|2020-01-02 03:04:05.12|7^é\"/|2~2.5|2020-01-01~\\N^\\N^|true|a  |1.1|a\nb\n" + strings.TrimSuffix(strings.Repeat(`\N|`, 10), "|") + "\n2|0.00|1960-01-01 00:00:00|\\N^\\N|||false|   |1.0E20|\n",
		JSON: `{"a":1,"d":1.50,"t":"2020-01-02 03:04:05.12","r":{"x":7,"y":"é\"/"},"m":{"2":2.5},"l":[["2020-01-01",null],null,[]],"b":true,"c":"a  ","re":1.1,"s":"a\nb"}` + "\n" +
			`{"a":null,"d":null,"t":null,"r":null,"m":null,"l":null,"b":null,"c":null,"re":null,"s":null}` + "\n" +
			`{"a":2,"d":0.00,"t":"1960-01-01 00:00:00","r":{"x":null,"y":null},"m":{},"l":[],"b":false,"c":"   ","re":1.0E20,"s":""}` + "\n",
	} {
		if got := rewrite(t, options(t, JSON), options(t, format), cols, rows); strings.NewReplacer("\x01", "|", "\x02", "^", "\x03", "~").Replace(got) != want {
			t.Errorf("%s:\n%q\nwant\n%q", format, got, want)
		}
	}
	csv := options(t, CSV, SeparatorKey, ";", QuoteKey, "'")
	if got, want := rewrite(t, options(t, JSON), csv, columns(t, "a varchar; b varchar"), "{\"a\":\"x;y\"}\n{\"a\":\"\",\"b\":\"q'q\\\\z\"}"), "'x;y';\n'';'q\"'q\\z'\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := rewrite(t, options(t, JSON), options(t, Text, TextFieldKey, ";", TextEscapeKey, "\\"), columns(t, "a varchar"), `{"a":"x;\\"}`); got != "x\\;\\\\\n" {
		t.Errorf("got %q", got)
	}
}

// rewrite reads lines of one format and writes them in another.
func rewrite(t testing.TB, from, to Options, cols []Column, text string) string {
	t.Helper()
	wanted := make([]int, len(cols))
	for i := range wanted {
		wanted[i] = i
	}
	r, err := NewReader(strings.NewReader(text), from, cols, wanted, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(to, cols)
	if err != nil {
		t.Fatal(err)
	}
	v := make([]connector.Vector, len(cols))
	n, err := r.Next(v, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i := range n {
		if out, err = w.Append(out, v, i); err != nil {
			t.Fatal(err)
		}
	}
	return string(out)
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct{ format, columns, want string }{
		{CSV, "a integer", "Hive CSV storage format only supports VARCHAR (unbounded). Unsupported columns: a integer"},
		{CSV, "a varchar(3)", "only supports VARCHAR"},
		{JSON, "a array(timestamp(9))", "Timestamps of nanoseconds are not supported"},
		{Text, "a " + strings.Repeat("array(", 9) + "integer" + strings.Repeat(")", 9), "nested deeper"},
	} {
		if _, err := NewWriter(options(t, tt.format), columns(t, tt.columns)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: %v", tt.format, tt.columns, err)
		}
	}
	for _, pairs := range [][]string{{SeparatorKey, `"`}, {SeparatorKey, `\`}, {QuoteKey, `\`}, {SeparatorKey, "\x00"}, {HeaderKey, "-1"}, {FooterKey, "x"}} {
		p := map[string]string{pairs[0]: pairs[1]}
		if _, err := OptionsOf(CSV, p, p); err == nil {
			t.Errorf("%q is taken", pairs)
		}
	}
}

// FuzzRead checks that no file does harm, and that what a text or a CSV file says can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte("a,\"b\"\n1\x012\x023\n{\"a\":[1,{\"b\":\"\\ud83d\\ude00\"}]}"))
	f.Add([]byte("{\"a\":1e5,\"d\":-0.00005,\"r\":{\"x\":null},\"m\":{\"k\":1},\"l\":[[]]}\r\n\r{"))
	f.Add([]byte("1.9\x011e3\x01 2020-01-01 \x0199999999-01-01\x01NaN\x010x1p-2"))
	cols := []Column{}
	for _, c := range []string{"a bigint", "d decimal(38,3)", "dt date", "ts timestamp(6)", "f double", "v varchar(3)", "c char(2)", "r row(x smallint, y array(real))", "m map(timestamp(3), varbinary)", "l array(map(char(3), row(z boolean)))"} {
		name, typ, _ := strings.Cut(c, " ")
		parsed, err := types.Parse(typ)
		if err != nil {
			f.Fatal(err)
		}
		cols = append(cols, Column{name, parsed})
	}
	wanted := []int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}
	texts := []Column{{"a", types.Of(types.Varchar)}, {"b", types.Of(types.Varchar)}}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []string{Text, JSON, OpenXJSON} {
			o := options(t, format)
			r, err := NewReader(bytes.NewReader(data), o, cols, wanted, 0, -1)
			if err != nil {
				continue
			}
			v := make([]connector.Vector, len(cols))
			n, err := r.Next(v, 1000)
			if err != nil {
				continue
			}
			for i, at := range wanted {
				if got := v[i].Len(cols[at].Type); got != n {
					t.Fatalf("%s: column %s has %d of %d values", format, cols[at].Name, got, n)
				}
			}
		}
		r, err := NewReader(bytes.NewReader(data), options(t, CSV), texts, []int{0, 1}, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		v := make([]connector.Vector, 2)
		if n, err := r.Next(v, 1000); err != nil || v[0].Len(texts[0].Type) != n || v[1].Len(texts[1].Type) != n {
			t.Fatalf("CSV: %d rows, %v", n, err)
		}
	})
}
