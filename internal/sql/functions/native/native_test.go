package native

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// byName finds a function.
func byName(t testing.TB, name string) *Function {
	for i := range Functions {
		if Functions[i].Name == name {
			return &Functions[i]
		}
	}
	t.Fatalf("there is no function %s", name)
	return nil
}

// TestUnique checks that no name is taken twice: DuckDB would drop one of the two.
func TestUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Functions {
		if seen[f.Name] {
			t.Errorf("%s is there twice", f.Name)
		}
		seen[f.Name] = true
		if !strings.HasPrefix(f.Name, "wb_") {
			t.Errorf("%s does not begin with wb_", f.Name)
		}
	}
}

// TestTexts runs testdata/texts.txt: calls with Go literals as arguments, and their results or errors, as Trino has them. EMPTY
// is the empty text.
func TestTexts(t *testing.T) {
	data, err := os.ReadFile("testdata/texts.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		call, want, ok := strings.Cut(line, " = ")
		if !ok {
			t.Fatalf("no result: %q", line)
		}
		name, args, _ := strings.Cut(strings.TrimSuffix(call, ")"), "(")
		f := byName(t, "wb_"+name)
		got, err := f.Call(arguments(t, f, args))
		if err != nil {
			got = err.Error()
		}
		if want == "EMPTY" {
			want = ""
		}
		if shown := show(got); shown != want {
			t.Errorf("%s = %s, want %s", call, shown, want)
		}
	}
}

// arguments reads quoted texts (of bytes in hexadecimal digits) and numbers.
func arguments(t *testing.T, f *Function, list string) []any {
	var out []any
	for _, typ := range f.Params {
		list = strings.TrimPrefix(list, ", ")
		var text string
		if quoted, err := strconv.QuotedPrefix(list); err == nil {
			list = list[len(quoted):]
			text, _ = strconv.Unquote(quoted)
		} else {
			text, _, _ = strings.Cut(list, ",")
			list = list[len(text):]
		}
		var v any = text
		var err error
		switch typ {
		case "BIGINT":
			v, err = strconv.ParseInt(text, 10, 64)
		case "DOUBLE":
			v, err = strconv.ParseFloat(text, 64)
		case "BOOLEAN":
			v, err = strconv.ParseBool(text)
		case "BLOB":
			v, err = fromHex(text)
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []byte:
		return fmt.Sprintf("%X", v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = show(e)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case types.Int128:
		return v.String()
	}
	return fmt.Sprint(v)
}
