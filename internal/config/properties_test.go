package config

import (
	"fmt"
	"strings"
	"testing"
)

func env(name string) (string, bool) {
	v, ok := map[string]string{"SECRET": "s3cret", "EMPTY": ""}[name]
	return v, ok
}

// The format is that of java.util.Properties.
func TestParseProperties(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"simple", "a=1\nb = 2 \n  c:3\nd 4\ne\tf=5", "1 a=1; 2 b=2; 3 c=3; 4 d=4; 5 e=f=5"},
		{"comments and blank lines", "# x=1\n! y=2\n\n   \n  # z\na=#1\r\nb=2\rc=3", "6 a=#1; 7 b=2; 8 c=3"},
		{"continuation", "a=x,\\\n    y,\\\n\tz\nb=1", "1 a=x,y,z; 4 b=1"},
		{"even backslashes do not continue", "a=x\\\\\nb=1", `1 a=x\; 2 b=1`},
		{"continuation at the end", "a=x\\", "1 a=x"},
		{"a continued line may look like a comment", "a=x\\\n#y", "1 a=x#y"},
		{"escapes", `a\ b\=c=t\tn\nr\rf\fq\q\u00e9`, "1 a b=c=t\tn\nr\rf\fqqé"},
		{"surrogate pair", `a=\ud83d\ude00`, "1 a=😀"},
		{"no value", "a\nb=", "1 a=; 2 b="},
		{"utf-8", "a=é", "1 a=é"},
		{"environment", "a=x${ENV:SECRET}y${ENV:EMPTY}\nb=$${ENV", "1 a=xs3crety (env); 2 b=$${ENV"},
		{"unset variable", "a=1\nb=${ENV:NOPE}", "error f:2: environment variable 'NOPE' is not set"},
		{"unclosed variable", "b=${ENV:NOPE", "error f:1: '${ENV:NOPE' is not closed by '}'"},
		{"bad escape", `b=\u12`, `error f:1: malformed \uxxxx escape in '\u12'`},
		{"duplicate", "a=1\n\na=2", "error f:3: duplicate property 'a', first set in line 1"},
		{"no name", "=1", "error f:1: a property without a name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ParseProperties("f", tt.text, env)
			got := "error " + fmt.Sprint(err)
			if err == nil {
				got = showEntries(f)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func showEntries(f *File) string {
	var list []string
	for _, e := range f.Entries {
		s := fmt.Sprintf("%d %s=%s", e.Line, e.Key, e.Value)
		if e.FromEnv {
			s += " (env)"
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

// FuzzParseProperties checks that entries have names and lines in order, and that an entry written with escapes reads
// back as it was.
func FuzzParseProperties(f *testing.F) {
	for _, s := range []string{"a=1\nb : 2", "a=x\\\n y", `a\u00e9=\ud83d\ude00`, "#c\n!d\r\ne", "a=${ENV:SECRET}"} {
		f.Add(s)
	}
	escaper := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\f", `\f`, " ", `\ `, "=", `\=`, ":", `\:`,
		"#", `\#`, "!", `\!`)
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := ParseProperties("f", text, env)
		line := 0
		for _, e := range file.Entries {
			if e.Key == "" || e.Line <= line {
				t.Fatalf("%q gives %+v after line %d", text, e, line)
			}
			line = e.Line
			if strings.Contains(e.Value, "${ENV:") {
				continue
			}
			again, err := ParseProperties("f", escaper.Replace(e.Key)+"="+escaper.Replace(e.Value), env)
			if err != nil || len(again.Entries) != 1 || again.Entries[0].Key != e.Key || again.Entries[0].Value != e.Value {
				t.Fatalf("%+v reads back as %+v, %v", e, again.Entries, err)
			}
		}
	})
}
