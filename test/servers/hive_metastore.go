package servers

import (
	"context"
	"encoding/xml"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// HiveMetastore is Hive's metastore, with a database in its memory.
type HiveMetastore struct {
	*Server
	// Warehouse is a directory of this machine in which schemas lie that do not say where.
	Warehouse string
}

// StartHiveMetastore starts a metastore. Its URL is what hive.metastore.uri wants.
func StartHiveMetastore(t testing.TB) *HiveMetastore {
	t.Helper()
	m := &HiveMetastore{Warehouse: t.TempDir()}
	m.Server = start(t, program{
		name: "hive-metastore", script: "install-connectors.sh",
		prepare: func(s *Server, _ string) error { return writeMetastoreSite(s.Dir, m.Warehouse) },
		args:    func(s *Server) []string { return []string{s.Dir, "-p", fmt.Sprint(s.port)} },
		answers: func(ctx context.Context, s *Server) bool {
			var d net.Dialer
			c, err := d.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
			if err != nil {
				return false
			}
			return c.Close() == nil
		},
	})
	m.URL = fmt.Sprintf("thrift://127.0.0.1:%d", m.port)
	return m
}

// writeMetastoreSite writes the metastore's configuration.
func writeMetastoreSite(dir, warehouse string) error {
	type property struct {
		Name  string `xml:"name"`
		Value string `xml:"value"`
	}
	site := struct {
		XMLName    xml.Name   `xml:"configuration"`
		Properties []property `xml:"property"`
	}{Properties: []property{
		{"metastore.warehouse.dir", "file:" + warehouse},
		{"metastore.warehouse.external.dir", "file:" + warehouse},
		{"javax.jdo.option.ConnectionURL", "jdbc:derby:memory:metastore;create=true"},
		{"javax.jdo.option.ConnectionDriverName", "org.apache.derby.jdbc.EmbeddedDriver"},
		{"datanucleus.schema.autoCreateAll", "true"},
		{"metastore.schema.verification", "false"},
		// Which makes external tables of all that are not transactional.
		{"metastore.metadata.transformer.class", " "},
	}}
	text, err := xml.MarshalIndent(site, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "metastore-site.xml"), text, 0o600)
}
