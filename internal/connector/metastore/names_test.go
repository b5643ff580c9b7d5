package metastore

import (
	"strings"
	"testing"
)

func TestPartitionNames(t *testing.T) {
	s := func(text string) *string { return &text }
	tests := []struct {
		values []*string
		want   string
	}{
		{[]*string{s("a"), s("1")}, "k=a/l=1"},
		{[]*string{s("b/=% x:"), nil}, "k=b%2F%3D%25 x%3A/l=__HIVE_DEFAULT_PARTITION__"},
		{[]*string{s(""), s("{[^]}")}, "k=__HIVE_DEFAULT_PARTITION__/l=%7B%5B%5E%5D}"},
	}
	for _, tt := range tests {
		if got := PartitionName([]string{"k", "l"}, tt.values); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for _, bad := range []string{"k=a", "k=a/m=1", "k/l", "l=1/k=a", "k=a/l=1/x=2"} {
		if got, ok := PartitionValues([]string{"k", "l"}, bad); ok {
			t.Errorf("PartitionValues(%q) = %v", bad, got)
		}
	}
}

// FuzzPartitionName checks that every value comes back from a directory's name.
func FuzzPartitionName(f *testing.F) {
	for _, s := range []string{"a", "b/=% x:", "%zz", "%2", "..", "\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := PartitionName([]string{"k"}, []*string{&text})
		if strings.ContainsAny(name, "/\x00") {
			t.Fatalf("%q gives the name %q", text, name)
		}
		got, ok := PartitionValues([]string{"k"}, name)
		switch {
		case !ok:
			t.Fatalf("%q does not read back", name)
		case text == "" || text == NullPartition:
			if got[0] != nil {
				t.Fatalf("%q reads back as %q", name, *got[0])
			}
		case got[0] == nil || *got[0] != text:
			t.Fatalf("%q reads back from %q as %v", text, name, got[0])
		}
	})
}
