package servers

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	krb "github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/keytab"
)

// SecureHDFS is a cluster of the Hadoop file system that wants Kerberos, and its key distribution center.
type SecureHDFS struct {
	*HDFS
	// KRB5 is a file krb5.conf, which says where the key distribution center is.
	KRB5 string
}

// HDFSStranger is a user whom the key distribution center knows besides HDFSUser.
const HDFSStranger = "stranger"

// HDFSRealm is the realm of its users.
const HDFSRealm = "EXAMPLE.COM"

// SecureHDFSCluster starts a cluster, which takes even longer than HDFSCluster. Until Protect says otherwise it is as by
// Protect("authentication", "authentication,privacy", "none").
func SecureHDFSCluster(t testing.TB) *SecureHDFS {
	t.Helper()
	h := &SecureHDFS{HDFS: startHDFS(t, HDFSUser, HDFSStranger)}
	h.KRB5 = filepath.Join(h.Dir, "krb5.conf")
	h.Resources = h.SecureResources(t, map[string]string{"dfs.data.transfer.protection": "authentication"})
	conf, err := config.Load(h.KRB5)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keytab.Load(h.Keytab(HDFSUser))
	if err != nil {
		t.Fatal(err)
	}
	h.login = krb.NewWithKeytab(HDFSUser, HDFSRealm, key, conf, krb.DisablePAFXFAST(true))
	t.Cleanup(h.login.Destroy)
	return h
}

// Keytab is the file with a user's key.
func (h *SecureHDFS) Keytab(user string) string { return filepath.Join(h.Dir, user+".keytab") }

// SecureResources is WriteResources with what clients have to know of Kerberos.
func (h *SecureHDFS) SecureResources(t testing.TB, more map[string]string) string {
	t.Helper()
	all := map[string]string{"hadoop.security.authentication": "kerberos", "dfs.namenode.kerberos.principal": "nn/_HOST@" + HDFSRealm}
	maps.Copy(all, more)
	return h.WriteResources(t, h.NameNodes, all)
}

// Protect starts the nodes again with other protection of requests to name nodes and of data: each "authentication", "integrity"
// or "privacy", or several of them, of which the first is used. cipher may have "aes" in it, which data nodes know then, and
// "encrypt", which is dfs.encrypt.data.transfer.
func (h *SecureHDFS) Protect(t testing.TB, rpc, transfer, cipher string) {
	t.Helper()
	h.Tell(t, "protect", rpc, transfer, cipher)
	if nodes := strings.Fields(h.Tell(t, "nodes")); !slices.Equal(nodes, h.NameNodes) {
		t.Fatalf("the name nodes moved from %q to %q", h.NameNodes, nodes)
	}
}

// WriteKRB5 writes a krb5.conf in which some text is replaced, and returns its name.
func (h *SecureHDFS) WriteKRB5(t testing.TB, oldnew ...string) string {
	t.Helper()
	text, err := os.ReadFile(h.KRB5)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(name, []byte(strings.NewReplacer(oldnew...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Properties are those of exchange-manager.properties with which nodes use a directory.
func (h *SecureHDFS) Properties(bucket, prefix string) map[string]string {
	all := h.HDFS.Properties(bucket, prefix)
	all["hive.hdfs.authentication.type"] = "KERBEROS"
	all["hive.hdfs.trino.principal"] = HDFSUser + "@" + HDFSRealm
	all["hive.hdfs.trino.keytab"] = h.Keytab(HDFSUser)
	all["waterbear.hdfs.krb5-config"] = h.KRB5
	return all
}
