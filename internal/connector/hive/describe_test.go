package hive

import "testing"

func TestDescribeSchema(t *testing.T) {
	c, _ := open(t)
	if err := c.CreateSchema(t.Context(), "elsewhere", map[string]any{"location": "local:///x/y"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"s": "local:///m/s", "elsewhere": "local:///x/y", "nope": nil} {
		got, err := c.Schema(t.Context(), name)
		if err != nil || got["location"] != want {
			t.Errorf("schema %s: %v, %v", name, got, err)
		}
	}
}
