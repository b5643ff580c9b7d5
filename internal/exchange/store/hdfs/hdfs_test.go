package hdfs

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write writes a file of Hadoop's configuration.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "site.xml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOpener(t *testing.T) {
	for text, want := range map[string]string{
		"hdfs://h": "", "hdfs://h/": "hdfs://h/", "hdfs://h:9000/a/b": "hdfs://h:9000/a/b/", "hdfs://h/a//b/": "hdfs://h/a/b/",
		"hdfs://h/a%20%C3%A9": "hdfs://h/a%20%C3%A9/", "hdfs://u@h/a": "", "hdfs://h/a?x": "", "hdfs://h/a#f": "", "s3://h/a": "", "hdfs:///a": "",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Opener(Config{User: "u"})(t.Context(), u)
		if (err != nil) != (want == "") || err == nil && s.URI() != want {
			t.Errorf("%s: %v, %v", text, s, err)
		}
	}
}

func TestNameNodes(t *testing.T) {
	files := []string{write(t, `<?xml version="1.0"?><configuration>
		<property><name>fs.defaultFS</name><value> hdfs://${service} </value></property>
		<property><name>service</name><value>prod</value><final>true</final></property>
		<property><name>dfs.ha.namenodes.prod</name><value>nn1, nn2</value></property>
		<property><name>dfs.namenode.rpc-address.prod.nn1</name><value>a:9000</value></property>
		<property><name>dfs.namenode.rpc-address.single</name><value>s:9000</value></property>
		<property><name>dfs.ha.namenodes.half</name><value>nn1,nn2</value></property>
		<property><name>dfs.namenode.rpc-address.half.nn2</name><value>h</value></property>
		</configuration>`), write(t, `<configuration>
		<property><name>service</name><value>other</value></property>
		<property><name>dfs.namenode.rpc-address.prod.nn2</name><value>${unset}b</value></property>
		</configuration>`)}
	conf, err := loadResources(files)
	if err != nil {
		t.Fatal(err)
	}
	for authority, want := range map[string]string{
		"": "a:9000 ${unset}b:8020", "prod": "a:9000 ${unset}b:8020", "single": "s:9000", "h": "h:8020", "h:1": "h:1", "[::1]": "[::1]:8020",
		"half": "error dfs.namenode.rpc-address.half.nn1 is not set",
	} {
		nodes, err := conf.nameNodes(authority)
		got := strings.Join(nodes, " ")
		if err != nil {
			got = "error " + err.Error()
		}
		if got != want && !(strings.HasPrefix(want, "error ") && strings.HasSuffix(got, strings.TrimPrefix(want, "error dfs"))) {
			t.Errorf("%q: %s, want %s", authority, got, want)
		}
	}
	if _, err := (resources{}).nameNodes(""); err == nil || !strings.Contains(err.Error(), "fs.defaultFS") {
		t.Errorf("without a default: %v", err)
	}
}

// TestBadConfig opens clusters that cannot be reached as they are configured.
func TestBadConfig(t *testing.T) {
	property := func(name, value string) string {
		return "<configuration><property><name>" + name + "</name><value>" + value + "</value></property></configuration>"
	}
	krb5 := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(krb5, []byte("[libdefaults]\n default_realm = EXAMPLE.COM\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, resource string
		kerberos       *Kerberos
		want           string
	}{
		{"no XML", "fs.defaultFS=hdfs://h", nil, "not a configuration of Hadoop"},
		{"other XML", "<a/>", nil, "not a configuration of Hadoop"},
		{"includes", `<configuration xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="a.xml"/></configuration>`, nil, "includes other files"},
		{"circle", property("a", "${a}"), nil, "refers to itself"},
		{"block size", property("dfs.blocksize", "1000"), nil, "dfs.blocksize"},
		{"replication", property("dfs.replication", "0"), nil, "dfs.replication"},
		{"umask", property("fs.permissions.umask-mode", "u=rwx"), nil, "fs.permissions.umask-mode"},
		{"Kerberos wanted", property("hadoop.security.authentication", "KERBEROS"), nil, "hive.hdfs.authentication.type is NONE"},
		{"no principal of name nodes", property("a", "b"), &Kerberos{}, "dfs.namenode.kerberos.principal"},
		{"no krb5.conf", property("dfs.namenode.kerberos.principal", "nn/_HOST@R"), &Kerberos{Config: "/nosuch"}, "/nosuch"},
		{"no keytab", property("dfs.namenode.kerberos.principal", "nn/_HOST@R"), &Kerberos{Principal: "a", Config: krb5, Keytab: "/nosuch"}, "/nosuch"},
		{"no cache", property("dfs.namenode.kerberos.principal", "nn/_HOST@R"), &Kerberos{Principal: "a", Config: krb5, CredentialCache: "/nosuch"}, "/nosuch"},
	} {
		_, err := Opener(Config{User: "u", Resources: []string{write(t, tt.resource)}, Kerberos: tt.kerberos})(t.Context(), &url.URL{Scheme: "hdfs", Host: "h", Path: "/"})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := Opener(Config{})(t.Context(), &url.URL{Scheme: "hdfs", Host: "h", Path: "/"}); err == nil {
		t.Error("without a user")
	}
}

func TestPrincipal(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"trino@A": "trino A", "trino": "trino D", "trino/h@A": "trino/h A", "trino/_HOST@A": "trino/" + strings.ToLower(host) + " A", "": "", "@A": "",
	} {
		user, realm, err := principal(name, "D")
		if got := user + " " + realm; (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

func TestObjectOf(t *testing.T) {
	for _, name := range []string{"a", "a.b", "a.b-c~d", "a..b"} {
		if got, temp := objectOf(temporaryName(name)); got != name || !temp {
			t.Errorf("%s becomes %s (%t)", name, got, temp)
		}
		if got, temp := objectOf(name); got != name || temp {
			t.Errorf("%s is taken for %s (%t)", name, got, temp)
		}
	}
	if _, temp := objectOf(".hidden"); temp {
		t.Error("a file of somebody else is taken for ours")
	}
}

func FuzzResource(f *testing.F) {
	f.Add("<configuration><property><name>a</name><value>${b}</value></property></configuration>", "${a}${b}")
	f.Fuzz(func(t *testing.T, text, value string) {
		file, err := parseResource([]byte(text))
		if err != nil {
			return
		}
		r := resources{}
		for _, p := range file.Properties {
			r[p.Name] = p.Value
		}
		if len(r) > 8 || len(text) > 1000 || len(value) > 100 {
			return // what refers to others grows with their number
		}
		if _, err := r.expand(value, nil); err != nil && !strings.Contains(err.Error(), "refers to itself") {
			t.Error(err)
		}
		nodes, err := r.nameNodes("h")
		if err == nil && (len(nodes) == 0 || slices.Contains(nodes, "")) {
			t.Errorf("name nodes %q", nodes)
		}
	})
}
