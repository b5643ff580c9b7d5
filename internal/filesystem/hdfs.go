package filesystem

import (
	"fmt"
	"net/url"
	"os"
	"os/user"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/hdfs"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
)

// HDFS says how clusters of HDFS are reached.
type HDFS struct {
	Enabled        bool
	Resources      []string
	Authentication config.HDFSAuthentication
	Kerberos       hdfs.Kerberos
	Timeout        time.Duration
}

// Limits of HDFS that no property sets.
const (
	hdfsBlock       = 4 << 20 // of a file that is collected before it is sent
	hdfsConnections = 64
)

var hdfsProperties = []config.Property[HDFS]{
	{Name: "fs.hadoop.enabled", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *HDFS) *bool { return &c.Enabled }),
		Doc:   "Whether locations that begin with `hdfs://` can be used."},
	{Name: "hive.config.resources", UsedBy: "filesystem",
		Value: config.List(func(c *HDFS) *[]string { return &c.Resources }, "a comma-separated list of files", checkFiles),
		Doc: "Files of Hadoop's configuration, such as core-site.xml and hdfs-site.xml: the default file system, name services with their name nodes, security, and how " +
			"files are made."},
	{Name: "hive.hdfs.authentication.type", Default: string(config.HDFSNoAuthentication), UsedBy: "filesystem",
		Value: config.Enum(func(c *HDFS) *config.HDFSAuthentication { return &c.Authentication }, config.HDFSNoAuthentication, config.HDFSKerberos),
		Doc:   "How name nodes are told who asks: by a name (`HADOOP_USER_NAME` of the environment, or the user of the process), or by Kerberos."},
	{Name: "hive.hdfs.trino.principal", UsedBy: "filesystem",
		Value: config.Text(func(c *HDFS) *string { return &c.Kerberos.Principal }, "", nil),
		Doc:   "Principal for Kerberos. `_HOST` in it is this machine's name."},
	{Name: "hive.hdfs.trino.keytab", UsedBy: "filesystem",
		Value: config.Text(func(c *HDFS) *string { return &c.Kerberos.Keytab }, "an existing file", checkFile),
		Doc:   "File with the principal's key."},
	{Name: "hive.hdfs.trino.credential-cache.location", UsedBy: "filesystem",
		Value: config.Text(func(c *HDFS) *string { return &c.Kerberos.CredentialCache }, "an existing file", checkFile),
		Doc:   "File with the principal's tickets, instead of a key. Something else has to keep them fresh."},
	{Name: "waterbear.hdfs.krb5-config", Default: "/etc/krb5.conf", UsedBy: "filesystem",
		Value: config.Text(func(c *HDFS) *string { return &c.Kerberos.Config }, "", nil),
		Doc:   "Configuration of Kerberos, which says where realms have their key distribution centers."},
	{Name: "hive.dfs-timeout", Default: "60s", UsedBy: "filesystem",
		Value: config.Duration(func(c *HDFS) *time.Duration { return &c.Timeout }, time.Millisecond),
		Doc:   "How long a read may go without a byte before it is begun again."},
}

var hdfsUnsupported = []config.Defunct{
	{Name: "hive.hdfs.impersonation.enabled", Use: "all users of a catalog are the same user of HDFS"},
	{Name: "hive.hdfs.wire-encryption.enabled", Use: "set dfs.data.transfer.protection or dfs.encrypt.data.transfer in a file of 'hive.config.resources'"},
	{Name: "hive.hdfs.socks-proxy", Use: "name nodes and data nodes must be reachable"},
	{Name: "hive.dfs.replication", Use: "set dfs.replication in a file of 'hive.config.resources'"},
	{Name: "hive.fs.new-directory-permissions", Use: "set fs.permissions.umask-mode in a file of 'hive.config.resources'"},
	{Name: "hive.fs.new-file-inherit-ownership", Use: "files belong to who writes them"},
	{Name: "hive.dfs.verify-checksum", Use: "checksums always are verified; it can be removed"},
	{Name: "hive.dfs.domain-socket-path", Use: "data nodes are reached by the network; it can be removed"},
	{Name: "hive.dfs.ipc-ping-interval", Use: "it can be removed"},
	{Name: "hive.dfs.connect.timeout", Use: "connecting may take ten seconds; it can be removed"},
	{Name: "hive.dfs.connect.max-retries", Use: "connecting is repeated for a minute; it can be removed"},
	{Name: "hive.dfs.key-provider.cache-ttl", Use: "encryption zones are not supported"},
	{Name: "hive.fs.cache.max-size", Use: "it can be removed"},
}

func checkFiles(files []string) error {
	for _, f := range files {
		if err := checkFile(f); err != nil {
			return err
		}
	}
	return nil
}

func (c *HDFS) check() error {
	bad := func(property, msg string) error { return &config.PropertyError{Property: property, Msg: msg} }
	k := c.Kerberos
	if c.Authentication != config.HDFSKerberos {
		for _, p := range []struct{ name, value string }{{"hive.hdfs.trino.principal", k.Principal}, {"hive.hdfs.trino.keytab", k.Keytab},
			{"hive.hdfs.trino.credential-cache.location", k.CredentialCache}} {
			if p.value != "" {
				return bad(p.name, "'hive.hdfs.authentication.type' must be KERBEROS with it")
			}
		}
		return nil
	}
	switch {
	case k.Principal == "":
		return bad("hive.hdfs.authentication.type", "'hive.hdfs.trino.principal' must be set with KERBEROS")
	case (k.Keytab == "") == (k.CredentialCache == ""):
		return bad("hive.hdfs.authentication.type", fmt.Sprintf("exactly one of '%s' and '%s' must be set with KERBEROS", "hive.hdfs.trino.keytab", "hive.hdfs.trino.credential-cache.location"))
	}
	return nil
}

func (c *HDFS) driver(p place) *driver {
	cfg := hdfs.Config{Resources: c.Resources, BlockSize: hdfsBlock, User: os.Getenv("HADOOP_USER_NAME"), Keys: store.AnyKeys}
	if c.Authentication == config.HDFSKerberos {
		k := c.Kerberos
		cfg.Kerberos = &k
	}
	if u, err := user.Current(); err == nil && cfg.User == "" {
		cfg.User = u.Username
	}
	return &driver{open: hdfs.Opener(cfg), root: &url.URL{Scheme: hdfs.Scheme, Host: p.authority, Path: "/"},
		wait: retry.Config{MaxError: maxError, ReadTimeout: c.Timeout, WriteTimeout: writeTimeout, Concurrent: hdfsConnections}}
}
