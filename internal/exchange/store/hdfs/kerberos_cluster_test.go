//go:build e2e

package hdfs

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/storetest"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// TestKerberos21993 holds the driver to its contract on a cluster that wants Kerberos, with a real key distribution center,
// which all tests share. Those that change it come last.
func TestKerberos21993(t *testing.T) {
	server := servers.SecureHDFSCluster(t)
	for _, tt := range []struct {
		name string
		test func(t *testing.T, server *servers.SecureHDFS)
	}{
		{"suite", suiteWithKerberos},
		{"refused", refused},
		{"permission", permissionWithKerberos},
		{"tickets of others", cachedTickets},
		{"tickets end", ticketsEnd},
		{"protection", protected},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, server) })
	}
}

const transfer, encrypt = "dfs.data.transfer.protection", "dfs.encrypt.data.transfer"

// asIs is what resources say of protection as the cluster has it in the beginning.
var asIs = map[string]string{transfer: "authentication"}

// reachSecure is the configuration of the user whom the cluster knows, with these properties in its resources.
func reachSecure(t *testing.T, server *servers.SecureHDFS, more map[string]string) Config {
	return Config{Resources: []string{server.SecureResources(t, more)}, BlockSize: minBlock,
		Kerberos: &Kerberos{Principal: servers.HDFSUser + "@" + servers.HDFSRealm, Keytab: server.Keytab(servers.HDFSUser), Config: server.KRB5}}
}

func suiteWithKerberos(t *testing.T, server *servers.SecureHDFS) {
	cfg := reachSecure(t, server, asIs)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, cfg, servers.NameService) })
}

// refused tries what stops a node's start, and looks who says why.
func refused(t *testing.T, server *servers.SecureHDFS) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		says   string
	}{
		{"another's keytab", func(c *Config) { c.Kerberos.Keytab = server.Keytab(servers.HDFSStranger) }, "log in as waterbear@EXAMPLE.COM: "},
		{"unknown principal", func(c *Config) { c.Kerberos.Principal = "nobody@EXAMPLE.COM" }, "log in as nobody@EXAMPLE.COM: "},
		{"unknown realm", func(c *Config) { c.Kerberos.Principal = "waterbear@ELSEWHERE.COM" }, "log in as waterbear@ELSEWHERE.COM: "},
		{"center is down", func(c *Config) {
			c.Kerberos.Config = server.WriteKRB5(t, "kdc = localhost:", "kdc = localhost:1 # ")
		}, "log in as waterbear@EXAMPLE.COM: "},
		{"another service", func(c *Config) {
			c.Resources = append(c.Resources, server.WriteResources(t, server.NameNodes, map[string]string{"dfs.namenode.kerberos.principal": "other/_HOST@EXAMPLE.COM"}))
		}, "other/127.0.0.1"},
		{"no Kerberos", func(c *Config) {
			c.Kerberos, c.User, c.Resources = nil, servers.HDFSUser, []string{server.WriteResources(t, server.NameNodes, nil)}
		}, "AccessControlException: SIMPLE authentication is not enabled"},
		{"no protection", func(c *Config) { c.Resources = []string{server.SecureResources(t, nil)} }, "as data nodes do that want dfs.data.transfer.protection"},
		{"too little protection", func(c *Config) {
			c.Resources = []string{server.SecureResources(t, map[string]string{transfer: "privacy"})}
		}, "negotiating data protection: invalid qop: [auth auth-conf]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := reachSecure(t, server, asIs)
			tt.change(&cfg)
			err := store.Probe(t.Context(), open(t, cfg, servers.NameService), true)
			t.Log(err)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v: want %q", err, tt.says)
			}
		})
	}
}

// permissionWithKerberos writes as somebody else.
func permissionWithKerberos(t *testing.T, server *servers.SecureHDFS) {
	s := open(t, reachSecure(t, server, asIs), servers.NameService)
	if err := store.Put(t.Context(), s, "k", nil, store.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	cfg := reachSecure(t, server, asIs)
	cfg.User = servers.HDFSUser // is not believed
	cfg.Kerberos.Principal, cfg.Kerberos.Keytab = servers.HDFSStranger, server.Keytab(servers.HDFSStranger)
	stranger, err := Opener(cfg)(t.Context(), &url.URL{Scheme: Scheme, Host: servers.NameService, Path: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if err := store.Put(t.Context(), stranger, "other", nil, store.CreateOptions{}); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "AccessControlException: Permission denied: user=stranger, access=WRITE, inode=") {
		t.Errorf("%v", err)
	}
}

// cachedTickets uses tickets that somebody else got.
func cachedTickets(t *testing.T, server *servers.SecureHDFS) {
	server.Tell(t, "ticket", servers.HDFSUser)
	cfg := reachSecure(t, server, asIs)
	cfg.Kerberos.Keytab, cfg.Kerberos.CredentialCache = "", filepath.Join(server.Dir, servers.HDFSUser+".ccache")
	if err := store.Probe(t.Context(), open(t, cfg, servers.NameService), true); err != nil {
		t.Error(err)
	}
	cfg.Kerberos.Principal = servers.HDFSStranger
	_, err := Opener(cfg)(t.Context(), &url.URL{Scheme: Scheme, Host: servers.NameService, Path: "/"})
	if err == nil || !strings.Contains(err.Error(), "has tickets of waterbear@EXAMPLE.COM, not of stranger@EXAMPLE.COM") {
		t.Errorf("%v", err)
	}
}

// ticketsEnd makes requests for longer than tickets are good for.
func ticketsEnd(t *testing.T, server *servers.SecureHDFS) {
	cfg := reachSecure(t, server, asIs)
	const lifetime = 2 * time.Second
	cfg.Kerberos.Config = server.WriteKRB5(t, "[libdefaults]", "[libdefaults]\n    ticket_lifetime = 2s")
	s := open(t, cfg, servers.NameService)
	for begun := time.Now(); time.Since(begun) < 3*lifetime; {
		if err := store.Put(t.Context(), s, "k", []byte("x"), store.CreateOptions{}); err != nil {
			t.Fatalf("after %s: %v", time.Since(begun), err)
		}
		s.pool.drain() // the next request has to log in
		time.Sleep(lifetime / 5)
	}
}

// protected meets all that nodes can ask for.
func protected(t *testing.T, server *servers.SecureHDFS) {
	for _, tt := range []struct {
		name                  string
		rpc, transfer, cipher string // of the nodes
		resources             []map[string]string
		refused               error
	}{
		{"encryption with AES", "privacy,authentication", "authentication", "aes-encrypt", []map[string]string{nil, {encrypt: "true"}}, nil},
		{"privacy with AES", "integrity", "privacy,authentication", "aes", []map[string]string{asIs, {transfer: "privacy"}}, nil},
		{"integrity", "authentication", "integrity", "aes", []map[string]string{{transfer: "integrity"}}, errIntegrity},
		{"without AES", "authentication", "privacy", "none", []map[string]string{{transfer: "privacy"}}, errNoAES},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server.Protect(t, tt.rpc, tt.transfer, tt.cipher)
			for _, resources := range tt.resources {
				s := open(t, reachSecure(t, server, resources), servers.NameService)
				if err := roundTrip(t.Context(), s); !errors.Is(err, tt.refused) {
					t.Errorf("%v: %v, want %v", resources, err, tt.refused)
				}
			}
		})
	}
}

// roundTrip tries a store out, also with an object of several blocks.
func roundTrip(ctx context.Context, s store.Store) error {
	if err := store.Probe(ctx, s, true); err != nil {
		return err
	}
	data := make([]byte, 3<<20+17)
	_, _ = rand.Read(data)
	if err := store.Put(ctx, s, "k", data, store.CreateOptions{}); err != nil {
		return err
	}
	got, err := store.ReadAll(ctx, s, "k")
	if err == nil && !bytes.Equal(got, data) {
		err = fmt.Errorf("%d bytes come back, which are others", len(got))
	}
	return err
}
