package config

import (
	"fmt"
	"net/url"
	"os"
	"reflect"
)

// ExchangeHDFS says how clusters of HDFS are reached.
type ExchangeHDFS struct {
	Resources            []string // files
	BlockSize            int64
	SkipSchemeValidation bool
	Authentication       HDFSAuthentication
	Principal            string
	Keytab               string
	CredentialCache      string
	KerberosConfig       string
}

// HDFSAuthentication is how a user proves who he is.
type HDFSAuthentication string

// The kinds of authentication.
const (
	HDFSNoAuthentication HDFSAuthentication = "NONE"
	HDFSKerberos         HDFSAuthentication = "KERBEROS"
)

// ExchangeHDFSTable lists the properties of exchange-manager.properties that are for HDFS. Those for Kerberos, which Trino's
// exchange does not have, are named as Trino's catalogs name them.
var ExchangeHDFSTable = Table[ExchangeHDFS]{
	Title: "exchange-manager.properties, for hdfs://",
	Properties: []Property[ExchangeHDFS]{
		{Name: "hdfs.config.resources", UsedBy: "exchange/store/hdfs",
			Value: List(func(c *ExchangeHDFS) *[]string { return &c.Resources }, "a comma-separated list of files", checkResources),
			Doc: "Files of Hadoop's configuration, such as core-site.xml and hdfs-site.xml: the default file system, name services with their name nodes, security, and how files " +
				"are made."},
		{Name: "exchange.hdfs.block-size", Default: "4MB", UsedBy: "exchange/store/hdfs",
			Value: SizeBetween(func(c *ExchangeHDFS) *int64 { return &c.BlockSize }, 4<<20, 256<<20),
			Doc: "Objects up to this size are written once they are complete, larger ones in pieces of it while they grow. A writer holds up to two in memory. It is no block size of " +
				"files; that is `dfs.blocksize` of the configuration."},
		{Name: "exchange.hdfs.skip-directory-scheme-validation", Default: "false", UsedBy: "config",
			Value: Bool(func(c *ExchangeHDFS) *bool { return &c.SkipSchemeValidation }),
			Doc:   "Whether base directories may have another scheme than `hdfs`. Each is in the storage that its own scheme names."},
		{Name: "hive.hdfs.authentication.type", Default: string(HDFSNoAuthentication), UsedBy: "cmd/waterbear",
			Value: Enum(func(c *ExchangeHDFS) *HDFSAuthentication { return &c.Authentication }, HDFSNoAuthentication, HDFSKerberos),
			Doc:   "How name nodes are told who asks: by a name (`HADOOP_USER_NAME` of the environment, or the user of the process), or by Kerberos."},
		{Name: "hive.hdfs.trino.principal", UsedBy: "exchange/store/hdfs",
			Value: Text(func(c *ExchangeHDFS) *string { return &c.Principal }, "", nil),
			Doc:   "Principal for Kerberos. `_HOST` in it is this machine's name."},
		{Name: "hive.hdfs.trino.keytab", UsedBy: "exchange/store/hdfs",
			Value: Text(func(c *ExchangeHDFS) *string { return &c.Keytab }, "", nil),
			Doc:   "File with the principal's key."},
		{Name: "hive.hdfs.trino.credential-cache.location", UsedBy: "exchange/store/hdfs",
			Value: Text(func(c *ExchangeHDFS) *string { return &c.CredentialCache }, "", nil),
			Doc:   "File with the principal's tickets, instead of a key. Something else has to keep them fresh."},
		{Name: "waterbear.hdfs.krb5-config", Default: "/etc/krb5.conf", UsedBy: "exchange/store/hdfs",
			Value: Text(func(c *ExchangeHDFS) *string { return &c.KerberosConfig }, "", nil),
			Doc:   "Configuration of Kerberos, which says where realms have their key distribution centers."},
	},
	Unsupported: []Defunct{
		{"hive.hdfs.impersonation.enabled", "all outputs belong to the user of the cluster"},
		{"hive.hdfs.wire-encryption.enabled", "set dfs.data.transfer.protection or dfs.encrypt.data.transfer in a file of 'hdfs.config.resources'"},
	},
	Check: (*ExchangeHDFS).check,
}

func checkResources(files []string) error {
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			return fmt.Errorf("file does not exist: %s", f)
		}
	}
	return nil
}

// check holds the properties against each other.
func (c *ExchangeHDFS) check() error {
	bad := func(property, msg string) error { return &PropertyError{Property: property, Msg: msg} }
	if c.Authentication != HDFSKerberos {
		for _, p := range []struct{ name, value string }{{"hive.hdfs.trino.principal", c.Principal}, {"hive.hdfs.trino.keytab", c.Keytab},
			{"hive.hdfs.trino.credential-cache.location", c.CredentialCache}} {
			if p.value != "" {
				return bad(p.name, "'hive.hdfs.authentication.type' must be KERBEROS with it")
			}
		}
		return nil
	}
	switch {
	case c.Principal == "":
		return bad("hive.hdfs.authentication.type", "'hive.hdfs.trino.principal' must be set with KERBEROS")
	case (c.Keytab == "") == (c.CredentialCache == ""):
		return bad("hive.hdfs.authentication.type", "exactly one of 'hive.hdfs.trino.keytab' and 'hive.hdfs.trino.credential-cache.location' must be set with KERBEROS")
	}
	return nil
}

// checkHDFSDirectory says what is wrong with a base directory in HDFS.
func checkHDFSDirectory(dir string, u *url.URL) error {
	if u.Opaque != "" || u.Host == "" && u.Path == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("'%s' is not of the form hdfs://host:port/path or hdfs://nameservice/path", dir)
	}
	return nil
}

// checkHDFS holds the properties for HDFS against where the exchange is.
func (c *Exchange) checkHDFS() error {
	if c.HDFS == nil {
		return nil
	}
	if err := c.validateScheme(); err != nil {
		return err
	}
	if c.Scheme() == "hdfs" {
		return nil
	}
	defaults := ExchangeHDFSTable.Defaults(Host{})
	defaults.SkipSchemeValidation = c.HDFS.SkipSchemeValidation
	if !reflect.DeepEqual(*c.HDFS, defaults) {
		return &PropertyError{Property: "exchange.base-directories", Msg: "none of them is in HDFS, but properties for HDFS are set"}
	}
	c.HDFS = nil
	return nil
}

// validateScheme reports whether the manager takes base directories of their scheme. Other than Trino's, which would look for
// all of them in the default file system of its configuration, it does not matter to where they are.
func (c *Exchange) validateScheme() error {
	scheme := c.Scheme()
	if c.Name == HDFSExchange && (scheme == "hdfs" || c.HDFS.SkipSchemeValidation) || c.Name != HDFSExchange && scheme != "hdfs" {
		return nil
	}
	return &PropertyError{Property: "exchange.base-directories",
		Msg: fmt.Sprintf("Scheme %s is not supported as exchange spooling storage in exchange manager type %s", scheme, c.Name)}
}
