package filesystem

import "testing"

// No location leads out of the directories that the configuration names.
func TestLocalPath(t *testing.T) {
	local := New(Config{Local: Local{Enabled: true, Location: "/data"}}, Options{})
	plain := New(Config{}, Options{LocalDirs: []string{"file:///data/m"}})
	tests := []struct {
		f              *Files
		location, want string
	}{
		{local, "local:///a/b", "/data/a/b"},
		{local, "local:/a", "/data/a"},
		{local, "local:///../../etc/passwd", "/data/etc/passwd"},
		{local, "local:///a%2Fb", "/data/a%2Fb"},
		{local, "file:///data/a", "/data/a"},
		{local, "/data/a", "/data/a"},
		{local, "/data/../etc", ""},
		{local, "/database", ""},
		{local, "s3://bucket/a", ""},
		{local, "relative", ""},
		{plain, "local:///a", ""},
		{plain, "file:/data/m/a", "/data/m/a"},
		{plain, "/data/m", "/data/m"},
		{plain, "/data", ""},
	}
	for _, tt := range tests {
		got, ok := tt.f.LocalPath(tt.location)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("LocalPath(%q) = %q, %v; want %q", tt.location, got, ok, tt.want)
		}
		if err := tt.f.Check(tt.location); (err == nil) != (tt.want != "") {
			t.Errorf("Check(%q): %v", tt.location, err)
		}
	}
}

func TestSplit(t *testing.T) {
	for location, want := range map[string]place{
		"s3://bucket/a b/c=%20d/":            {scheme: "s3", authority: "bucket", path: "a b/c=%20d/"},
		"S3A://bucket":                       {scheme: "s3a", authority: "bucket"},
		"abfss://c@a.dfs.core.windows.net/x": {scheme: "abfss", authority: "c@a.dfs.core.windows.net", path: "x"},
		"hdfs://host:8020/a":                 {scheme: "hdfs", authority: "host:8020", path: "a"},
		"hdfs:///a":                          {scheme: "hdfs", path: "a"},
		"/x/./y/../z":                        {scheme: "file", path: "x/z"},
		"file:/x":                            {scheme: "file", path: "x"},
	} {
		if got, ok := split(location); !ok || got != want {
			t.Errorf("%s: %+v, %v", location, got, ok)
		}
	}
	for _, location := range []string{"", "x", "s3:/bucket/key"} {
		if got, ok := split(location); ok {
			t.Errorf("%s: %+v", location, got)
		}
	}
}
