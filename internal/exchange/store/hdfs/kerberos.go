package hdfs

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/credentials"
	"github.com/jcmturner/gokrb5/v8/keytab"
)

// Kerberos says who this process is to a cluster that wants proof of it.
type Kerberos struct {
	// Principal is the name to log in with, as in trino/_HOST@REALM; without a realm it is one of the default realm.
	Principal string
	// Keytab is the file with its key. Without, CredentialCache is a file with tickets that somebody else keeps fresh.
	Keytab, CredentialCache string
	// Config is the file that says where the key distribution centers are: krb5.conf.
	Config string
}

// kerberos logs in when it is first needed. Its client has a goroutine that renews the ticket, until logout.
type kerberos struct {
	user, realm string
	conf        *config.Config
	keytab      *keytab.Keytab // nil: the cache is used
	cache       string

	mu     sync.Mutex
	client *client.Client
}

// newKerberos holds what is configured against what the cluster's files say. It is nil when both want no Kerberos.
func newKerberos(k *Kerberos, conf resources) (*kerberos, error) {
	wanted := strings.EqualFold(conf["hadoop.security.authentication"], "kerberos")
	switch {
	case k == nil && wanted:
		return nil, errors.New("hadoop.security.authentication is kerberos in hdfs.config.resources, but hive.hdfs.authentication.type is NONE")
	case k == nil:
		return nil, nil
	case conf["dfs.namenode.kerberos.principal"] == "":
		return nil, errors.New("hive.hdfs.authentication.type is KERBEROS, but no file of hdfs.config.resources sets dfs.namenode.kerberos.principal")
	}
	c, err := config.Load(k.Config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.Config, err)
	}
	out := &kerberos{conf: c, cache: k.CredentialCache}
	if out.user, out.realm, err = principal(k.Principal, c.LibDefaults.DefaultRealm); err != nil {
		return nil, err
	}
	if k.Keytab == "" {
		if _, err := out.login(); err != nil {
			return nil, err
		}
		return out, nil
	}
	if out.keytab, err = keytab.Load(k.Keytab); err != nil {
		return nil, fmt.Errorf("%s: %w", k.Keytab, err)
	}
	return out, nil
}

// principal splits a name into a user and a realm, and puts this machine's name for _HOST.
func principal(name, defaultRealm string) (user, realm string, err error) {
	user, realm, _ = strings.Cut(name, "@")
	if realm == "" {
		realm = defaultRealm
	}
	if user == "" || realm == "" {
		return "", "", fmt.Errorf("the principal %q has no realm, nor is there a default one", name)
	}
	if service, ok := strings.CutSuffix(user, "/_HOST"); ok {
		host, err := os.Hostname()
		if err != nil {
			return "", "", err
		}
		user = service + "/" + strings.ToLower(host)
	}
	return user, realm, nil
}

// login returns a client with a ticket, or one that gets it from the key when it is asked for tickets.
func (k *kerberos) login() (*client.Client, error) {
	if k.keytab == nil {
		cache, err := credentials.LoadCCache(k.cache)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.cache, err)
		}
		if got := cache.DefaultPrincipal; got.PrincipalName.PrincipalNameString() != k.user || got.Realm != k.realm {
			return nil, fmt.Errorf("%s has tickets of %s@%s, not of %s@%s", k.cache, got.PrincipalName.PrincipalNameString(), got.Realm, k.user, k.realm)
		}
		return client.NewFromCCache(cache, k.conf, client.DisablePAFXFAST(true))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.client == nil {
		c := client.NewWithKeytab(k.user, k.realm, k.keytab, k.conf, client.DisablePAFXFAST(true))
		if err := c.Login(); err != nil {
			c.Destroy()
			return nil, fmt.Errorf("log in as %s@%s: %w", k.user, k.realm, err)
		}
		k.client = c
	}
	return k.client, nil
}

// logout forgets the ticket.
func (k *kerberos) logout() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.client != nil {
		k.client.Destroy()
		k.client = nil
	}
}
