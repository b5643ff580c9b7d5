package config

import "testing"

func TestNested(t *testing.T) {
	type part struct{ size int64 }
	type whole struct {
		name string
		part part
	}
	table := Table[whole]{Properties: append(Nested(func(w *whole) *part { return &w.part }, []Property[part]{
		{Name: "part.size", Default: "1MB", Value: Size(func(p *part) *int64 { return &p.size }, 1)}}),
		Property[whole]{Name: "name", Value: Text(func(w *whole) *string { return &w.name }, "", nil)})}
	w, err := table.Read(&File{Path: "f", Entries: []Entry{{Key: "part.size", Value: "2MB", Line: 1}, {Key: "name", Value: "n", Line: 2}}}, Host{})
	if err != nil || w.part.size != 2<<20 || w.name != "n" {
		t.Errorf("%+v, %v", w, err)
	}
	if w := table.Defaults(Host{}); w.part.size != 1<<20 {
		t.Errorf("defaults: %+v", w)
	}
	if _, err := table.Read(&File{Path: "f", Entries: []Entry{{Key: "part.size", Value: "0B", Line: 1}}}, Host{}); err == nil {
		t.Error("a size out of bounds was taken")
	}
}
