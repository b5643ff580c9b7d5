package filesystem

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// configured reads a configuration as a connector does.
func configured(t *testing.T, properties map[string]string) Config {
	t.Helper()
	cfg, err := read(properties)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func read(properties map[string]string) (Config, error) {
	table := config.Table[Config]{Properties: Properties(func(c *Config) *Config { return c }), Unsupported: Unsupported(), Check: (*Config).Check}
	file := &config.File{Path: "c.properties"}
	for key, value := range properties {
		file.Entries = append(file.Entries, config.Entry{Key: key, Value: value, Line: len(file.Entries) + 1})
	}
	return table.Read(file, config.Host{})
}

// odd are names that tables have, and exchanges have not.
var odd = []string{"a b/c=%20d/_delta_log/00.json", "a b/c=%20d/.hidden", "a b/c=ü+&?#/f", "a b/x", "a b-c", "top"}

// suite checks all that a file system does below a location.
func suite(t *testing.T, f FileSystem, root string) {
	ctx := t.Context()
	write := func(name, text string, o CreateOptions) error {
		return WriteAll(ctx, f, Join(root, name), []byte(text), o)
	}
	began := time.Now()
	for _, name := range odd {
		if err := write(name, "text of "+name, CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("read", func(t *testing.T) {
		for _, name := range odd {
			got, err := ReadAll(ctx, f, Join(root, name))
			if err != nil || string(got) != "text of "+name {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			e, err := f.Stat(ctx, Join(root, name))
			if err != nil || e.Size != int64(len("text of "+name)) || e.Location != Join(root, name) || e.Modified.Sub(began).Abs() > time.Hour {
				t.Errorf("%s: %+v, %v", name, e, err)
			}
			some := make([]byte, 3)
			if err := ReadRange(ctx, f, Join(root, name), 1, some); err != nil || string(some) != "ext" {
				t.Errorf("%s: %q, %v", name, some, err)
			}
			if err := ReadRange(ctx, f, Join(root, name), e.Size-1, some); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: beyond its end: %v", name, err)
			}
		}
	})
	t.Run("missing", func(t *testing.T) {
		for _, name := range []string{"nosuch", "a b", "a b/nosuch", "no/such"} {
			if _, err := ReadAll(ctx, f, Join(root, name)); !errors.Is(err, ErrNotFound) {
				t.Errorf("read %s: %v", name, err)
			}
			if e, err := f.Stat(ctx, Join(root, name)); !errors.Is(err, ErrNotFound) {
				t.Errorf("stat %s: %+v, %v", name, e, err)
			}
		}
		for _, err := range []error{f.Delete(ctx, Join(root, "nosuch")), f.DeleteDir(ctx, Join(root, "nosuch")), f.DeleteEmptyDir(ctx, Join(root, "nosuch"))} {
			if err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("list", func(t *testing.T) {
		if got := listed(t, f.List, root); !slices.Equal(got, slices.Sorted(slices.Values(odd))) {
			t.Errorf("all: %q", got)
		}
		for dir, want := range map[string][]string{
			"": {"a b/", "a b-c", "top"}, "a b": {"c=%20d/", "c=ü+&?#/", "x"}, "a b/c=%20d/": {".hidden", "_delta_log/"}, "nosuch": nil,
		} {
			if got := listed(t, f.ListDir, strings.TrimSuffix(Join(root, dir), "/")); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
				t.Errorf("%q: %q", dir, got)
			}
		}
		stop := errors.New("stop")
		if err := f.List(ctx, root, func(Entry) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("stopped: %v", err)
		}
	})
	t.Run("only if there is none", func(t *testing.T) {
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() { errs[i] = write("log/000.json", fmt.Sprint("writer ", i), CreateOptions{IfAbsent: true}) })
		}
		wg.Wait()
		winners := 0
		for i, err := range errs {
			switch {
			case err == nil:
				winners++
				if got, err := ReadAll(ctx, f, Join(root, "log/000.json")); err != nil || string(got) != fmt.Sprint("writer ", i) {
					t.Errorf("%q, %v", got, err)
				}
			case !errors.Is(err, ErrExists):
				t.Error(err)
			}
		}
		if winners != 1 {
			t.Errorf("%d writers won", winners)
		}
	})
	t.Run("abort", func(t *testing.T) {
		w, err := f.Create(ctx, Join(root, "aborted/x"), CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := w.Abort(); err != nil {
			t.Fatal(err)
		}
		if got := listed(t, f.List, Join(root, "aborted")); got != nil {
			t.Errorf("left: %q", got)
		}
	})
	t.Run("move", func(t *testing.T) { move(t, f, root) })
	t.Run("take over", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "f")
		data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // a megabyte
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.CreateDir(ctx, Join(root, "taken")); err != nil {
			t.Fatal(err)
		}
		if err := f.TakeOver(ctx, path, Join(root, "taken/over")); err != nil {
			t.Fatal(err)
		}
		got, err := ReadAll(ctx, f, Join(root, "taken/over"))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("the file is still there")
		}
		if err := f.SyncDir(ctx, Join(root, "taken")); err != nil {
			t.Error(err)
		}
	})
	t.Run("directories", func(t *testing.T) {
		if err := f.CreateDir(ctx, Join(root, "made/deep")); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{"made", "made/deep", "made"} { // first it is not empty
			if err := f.DeleteEmptyDir(ctx, Join(root, dir)); err != nil {
				t.Error(err)
			}
		}
		if got := listed(t, f.ListDir, Join(root, "made")); got != nil || slices.Contains(listed(t, f.ListDir, root), "made/") {
			t.Errorf("left: %q", got)
		}
		err := f.Rename(ctx, Join(root, "a b"), Join(root, "re/named"))
		if !f.CanRename(root) {
			if trinoerr.CodeOf(err) != trinoerr.NotSupported {
				t.Errorf("rename: %v", err)
			}
		} else if err != nil {
			t.Error(err)
		} else if err := f.Rename(ctx, Join(root, "re/named"), Join(root, "a b")); err != nil {
			t.Error(err)
		}
	})
	t.Run("delete", func(t *testing.T) {
		if err := f.Delete(ctx, Join(root, "top")); err != nil {
			t.Fatal(err)
		}
		if err := f.DeleteDir(ctx, Join(root, "a b")); err != nil {
			t.Fatal(err)
		}
		got := listed(t, f.List, root)
		if slices.ContainsFunc(got, func(name string) bool { return strings.HasPrefix(name, "a b/") || name == "top" }) || !slices.Contains(got, "a b-c") {
			t.Errorf("left: %q", got)
		}
	})
}

// move moves a file to where there is none, to where there is one, and not again.
func move(t *testing.T, f FileSystem, root string) {
	ctx := t.Context()
	at := func(name string) string { return Join(root, "moves", name) }
	for _, name := range []string{"a b=%", "b"} {
		if err := WriteAll(ctx, f, at(name), []byte(name), CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, from := range []string{"a b=%", "b"} {
		if err := f.Move(ctx, at(from), at("deep/to %")); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadAll(ctx, f, at("deep/to %")); err != nil || string(got) != from {
			t.Errorf("%q, %v", got, err)
		}
		if err := f.Move(ctx, at(from), at("deep/to %")); !errors.Is(err, ErrNotFound) {
			t.Errorf("again: %v", err)
		}
	}
	if got := listed(t, f.List, at("")); !slices.Equal(got, []string{"deep/to %"}) {
		t.Errorf("left: %q", got)
	}
}

// listed are the names that a listing gives, in order; those of directories end with a slash.
func listed(t *testing.T, list func(context.Context, string, func(Entry) error) error, dir string) (names []string) {
	t.Helper()
	dir = strings.TrimRight(dir, "/")
	if err := list(t.Context(), dir, func(e Entry) error {
		name, ok := strings.CutPrefix(e.Location, dir+"/")
		if !ok {
			t.Errorf("%s is not in %s", e.Location, dir)
		}
		if e.Dir {
			name += "/"
		}
		names = append(names, name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestLocal(t *testing.T) {
	dir := t.TempDir()
	f := New(configured(t, map[string]string{"fs.native-local.enabled": "true", "local.location": dir}), Options{Failed: trinoerr.HiveFilesystemError})
	suite(t, f, "local:///base")
	if err := f.DeleteDir(t.Context(), "local:///"); err == nil {
		t.Error("the whole file system was deleted")
	}
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.TakeOver(t.Context(), path, "local:///gone/x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("into a directory that is not there: %v", err)
	}
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Error(err)
	}
}

// What is wrong with a configuration shows when it is read.
func TestProperties(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	on := func(name string, more ...string) map[string]string {
		m := map[string]string{name: "true"}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	for _, tt := range []struct {
		properties map[string]string
		want       string
	}{
		{map[string]string{}, ""},
		{map[string]string{"s3.region": "x"}, "'fs.native-s3.enabled': it must be true"},
		{map[string]string{"azure.access-key": "x"}, "'fs.native-azure.enabled': it must be true"},
		{map[string]string{"gcs.json-key": "x"}, "'fs.native-gcs.enabled': it must be true"},
		{map[string]string{"hive.config.resources": key}, "'fs.hadoop.enabled': it must be true"},
		{on("fs.native-local.enabled"), "needs local.location"},
		{on("fs.native-s3.enabled"), ""},
		{on("fs.native-s3.enabled", "s3.aws-access-key", "x"), "'s3.aws-secret-key' must be set with it"},
		{on("fs.native-s3.enabled", "s3.external-id", "x"), "'s3.iam-role' must be set with it"},
		{on("fs.native-s3.enabled", "s3.sts.region", "x"), "'s3.iam-role' must be set with it"},
		{on("fs.native-s3.enabled", "s3.sse.kms-key-id", "x"), "'s3.sse.type' must be KMS"},
		{on("fs.native-s3.enabled", "s3.sse.type", "KMS", "s3.sse.kms-key-id", "x", "s3.canned-acl", "BUCKET_OWNER_FULL_CONTROL"), ""},
		{on("fs.native-s3.enabled", "s3.streaming.part-size", "1MB"), "5MB to 256MB"},
		{on("fs.native-s3.enabled", "s3.security-mapping.enabled", "true"), "is not supported: all users of a catalog have the same credentials"},
		{on("fs.native-s3.enabled", "s3.socket-timeout", "3s", "s3.socket-read-timeout", "3s"), "is the same as"},
		{on("fs.native-azure.enabled", "azure.auth-type", "ACCESS_KEY"), "'azure.access-key' must be set"},
		{on("fs.native-azure.enabled", "azure.access-key", "x"), "must be ACCESS_KEY"},
		{on("fs.native-azure.enabled", "azure.auth-type", "OAUTH", "azure.oauth.tenant-id", "x"), "must be set with OAUTH"},
		{on("fs.native-azure.enabled", "azure.oauth.tenant-id", "x"), "must be OAUTH"},
		{on("fs.native-azure.enabled", "azure.user-assigned-managed-identity.client-id", "x", "azure.user-assigned-managed-identity.resource-id", "y"), "cannot be set together"},
		{on("fs.native-azure.enabled", "azure.endpoint", "a/b"), "is neither"},
		{on("fs.native-gcs.enabled", "gcs.json-key", "x", "gcs.json-key-file-path", key), "cannot be set together"},
		{on("fs.native-gcs.enabled", "gcs.project-id", "p", "gcs.client.max-retry-time", "1m"), ""},
		{on("fs.hadoop.enabled", "hive.hdfs.authentication.type", "KERBEROS"), "'hive.hdfs.trino.principal' must be set"},
		{on("fs.hadoop.enabled", "hive.hdfs.trino.keytab", key), "must be KERBEROS with it"},
		{on("fs.hadoop.enabled", "hive.hdfs.authentication.type", "KERBEROS", "hive.hdfs.trino.principal", "p"), "exactly one of"},
		{on("fs.hadoop.enabled", "hive.hdfs.impersonation.enabled", "true"), "is not supported"},
	} {
		_, err := read(tt.properties)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.properties, err, tt.want)
		}
	}
}

// A location's scheme chooses the file system, which must be switched on.
func TestSchemes(t *testing.T) {
	all := New(configured(t, map[string]string{"fs.native-s3.enabled": "true", "fs.native-gcs.enabled": "true", "fs.native-azure.enabled": "true", "fs.hadoop.enabled": "true"}), Options{})
	none := New(Config{}, Options{})
	for _, location := range []string{"s3://b/k", "s3a://b/k", "s3n://b/k", "gs://b/k", "abfs://c@a.dfs.core.windows.net/k", "abfss://c@a.dfs.core.windows.net/k",
		"wasb://c@a.blob.core.windows.net/k", "wasbs://c@a.blob.core.windows.net/k", "hdfs://h/k", "hdfs:///k"} {
		if err := all.Check(location); err != nil {
			t.Errorf("%s: %v", location, err)
		}
		if err := none.Check(location); err == nil || err.Error() != "No factory for location: "+location {
			t.Errorf("%s: %v", location, err)
		}
	}
	for _, location := range []string{"abfss://nobody/k", "http://h/k", "/etc/passwd", "local:///k"} {
		if err := all.Check(location); trinoerr.CodeOf(err) != trinoerr.NotSupported {
			t.Errorf("%s: %v", location, err)
		}
	}
	if s3a, s3 := all.driver(place{scheme: "s3a", authority: "b"}), all.driver(place{scheme: "s3", authority: "b"}); s3a.root.String() != s3.root.String() {
		t.Errorf("%s and %s", s3a.root, s3.root)
	}
}

// A storage that overwrites is not trusted with what must not be overwritten.
func TestNoExclusiveCreate(t *testing.T) {
	f := New(configured(t, map[string]string{"fs.native-s3.enabled": "true", "s3.region": "x", "s3.exclusive-create": "false"}), Options{})
	if _, err := f.Create(t.Context(), "s3://b/k", CreateOptions{IfAbsent: true}); trinoerr.CodeOf(err) != trinoerr.NotSupported {
		t.Error(err)
	}
}

// Only so many stores are kept open.
func TestMostStores(t *testing.T) {
	f := New(configured(t, map[string]string{"fs.native-s3.enabled": "true", "s3.region": "x"}), Options{})
	for n := range 2 * mostStores {
		if _, _, err := f.at(t.Context(), fmt.Sprintf("s3://bucket%d/k", n)); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.stores) != mostStores {
		t.Errorf("%d stores", len(f.stores))
	}
	if _, kept := f.stores[fmt.Sprintf("s3://bucket%d/", 2*mostStores-1)]; !kept {
		t.Error("the last one was dropped")
	}
}
