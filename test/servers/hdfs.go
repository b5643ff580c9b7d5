package servers

import (
	"context"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/colinmarc/hdfs/v2"
	krb "github.com/jcmturner/gokrb5/v8/client"
)

// HDFS is a cluster of the Hadoop file system in one process: two name nodes, one of which is active, and two data nodes.
type HDFS struct {
	*Server
	// NameNodes are their addresses. The first one is active in the beginning.
	NameNodes []string
	// Resources is a file of Hadoop's configuration that makes the name nodes the name service NameService.
	Resources string

	login *krb.Client // nil where it wants no Kerberos
}

// NameService is the name of every cluster.
const NameService = "cluster"

// HDFSCluster starts a cluster, which takes some seconds: tests of a package had better share it.
func HDFSCluster(t testing.TB) *HDFS {
	t.Helper()
	h := startHDFS(t)
	h.Resources = h.WriteResources(t, h.NameNodes, nil)
	return h
}

// startHDFS starts a cluster, which wants Kerberos when users are named.
func startHDFS(t testing.TB, users ...string) *HDFS {
	t.Helper()
	h := &HDFS{Server: start(t, program{
		name: "hdfs", ready: "/nodes",
		args: func(s *Server) []string { return append([]string{s.Dir, fmt.Sprint(s.port)}, users...) },
		env:  func(*Server) []string { return []string{"HADOOP_USER_NAME=" + HDFSUser} },
	})}
	h.NameNodes = strings.Fields(h.Tell(t, "nodes"))
	return h
}

// HDFSUser is the user who owns the file system.
const HDFSUser = "waterbear"

// Tell lets the cluster do something, in the words of MiniCluster.java, and returns its answer.
func (h *HDFS) Tell(t testing.TB, words ...string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, h.URL+"/"+path.Join(words...), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("tell the cluster %q: %v", words, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("tell the cluster %q: %s, %s, %v", words, resp.Status, text, err)
	}
	return string(text)
}

// WriteResources writes a file of Hadoop's configuration with name nodes at these addresses, and returns its name. more are
// properties besides.
func (h *HDFS) WriteResources(t testing.TB, nodes []string, more map[string]string) string {
	t.Helper()
	type property struct {
		Name  string `xml:"name"`
		Value string `xml:"value"`
	}
	conf := struct {
		XMLName    xml.Name   `xml:"configuration"`
		Properties []property `xml:"property"`
	}{Properties: []property{
		{"fs.defaultFS", "hdfs://" + NameService},
		{"dfs.nameservices", NameService},
		{"dfs.ha.namenodes." + NameService, "nn1,nn2"},
		{"dfs.namenode.rpc-address." + NameService + ".nn1", nodes[0]},
		{"dfs.namenode.rpc-address." + NameService + ".nn2", nodes[1]},
	}}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		conf.Properties = append(conf.Properties, property{name, more[name]})
	}
	text, err := xml.MarshalIndent(conf, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "core-site.xml")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Bucket returns the name of a directory of its own, which need not exist.
func (h *HDFS) Bucket(testing.TB) string { return "dir-" + strings.ToLower(rand.Text()[:10]) }

// client is one of HDFSUser.
func (h *HDFS) client(t testing.TB) *hdfs.Client {
	t.Helper()
	options := hdfs.ClientOptions{Addresses: h.NameNodes, User: HDFSUser}
	if h.login != nil {
		options.KerberosClient, options.KerberosServicePrincipleName = h.login, "nn/_HOST"
	}
	c, err := hdfs.NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// MakePrivate makes a directory into which nobody else than HDFSUser writes, with an empty file "file".
func (h *HDFS) MakePrivate(t testing.TB, bucket string) {
	t.Helper()
	c := h.client(t)
	defer c.Close()
	if err := c.Mkdir(path.Join("/", bucket), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := c.CreateEmptyFile(path.Join("/", bucket, "file")); err != nil {
		t.Fatal(err)
	}
}

// Keys are the files below a directory that Bucket has named, temporary ones included, by their paths from it.
func (h *HDFS) Keys(t testing.TB, bucket string) (keys []string) {
	t.Helper()
	c := h.client(t)
	defer c.Close()
	dir := path.Join("/", bucket)
	err := c.Walk(dir, func(name string, info fs.FileInfo, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil // deleted meanwhile, or never made
		case err == nil && !info.IsDir():
			keys = append(keys, strings.TrimPrefix(name, dir+"/"))
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatalf("list %s: %v", dir, err)
	}
	return keys
}

// Properties are those of exchange-manager.properties with which nodes use a directory.
func (h *HDFS) Properties(bucket, prefix string) map[string]string {
	return map[string]string{
		"exchange-manager.name":     "hdfs",
		"exchange.base-directories": "hdfs://" + NameService + path.Join("/", bucket, prefix),
		"hdfs.config.resources":     h.Resources,
	}
}

// Catalog are the properties of a catalog with which its files can be in the cluster.
func (h *HDFS) Catalog() map[string]string {
	return map[string]string{"fs.hadoop.enabled": "true", "hive.config.resources": h.Resources}
}
