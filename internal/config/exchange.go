package config

import (
	"fmt"
	"net/url"
	"strings"
)

// Exchange is where outputs of stages are spooled: exchange-manager.properties.
type Exchange struct {
	Name            ExchangeManager
	BaseDirectories []string // URIs or paths, all of one scheme, each with a trailing slash
	SinkMaxFileSize int64    // bundles roll over to a new object above it
	MaxPartitions   int      // of an exchange

	S3 *ExchangeS3 // nil when the base directories are elsewhere
}

// sections are the tables that make up exchange-manager.properties. The last one's check sees what the others have filled, and
// drops what is for other storages than the configured one.
func (c *Exchange) sections() []Section {
	c.S3 = &ExchangeS3{}
	return []Section{ExchangeS3Table.Into(c.S3), ExchangeTable.Into(c)}
}

// Scheme is that of the base directories: "file", "s3".
func (c *Exchange) Scheme() string { return schemeOf(c.BaseDirectories[0]) }

func schemeOf(dir string) string {
	if u, err := url.Parse(dir); err == nil && u.Scheme != "" {
		return u.Scheme
	}
	return "file"
}

// ExchangeManager is a kind of exchange storage.
type ExchangeManager string

// FilesystemExchange keeps bundles under base directories of one file system.
const FilesystemExchange ExchangeManager = "filesystem"

// ExchangeTable lists the properties of exchange-manager.properties.
var ExchangeTable = Table[Exchange]{
	Title: "exchange-manager.properties",
	Properties: []Property[Exchange]{
		{Name: "exchange-manager.name", Required: true, UsedBy: "cmd/waterbear",
			Value: Enum(func(c *Exchange) *ExchangeManager { return &c.Name }, FilesystemExchange),
			Doc:   "Kind of storage for the outputs of stages."},
		{Name: "exchange.base-directories", Aliases: []string{"exchange.base-directory"}, Required: true, UsedBy: "coordinator",
			Value: List(func(c *Exchange) *[]string { return &c.BaseDirectories },
				"a comma-separated list of absolute paths, or of URIs s3://bucket/prefix", checkBaseDirectories),
			Doc: "Where spooled data lies. All nodes must reach all of them under the same names. With several, load is spread."},
		{Name: "exchange.max-output-partition-count", Default: "50", UsedBy: "coordinator",
			Value: Int(func(c *Exchange) *int { return &c.MaxPartitions }, 1, NoMax),
			Doc:   "Largest number of partitions of an exchange; a query that needs more fails with MAX_OUTPUT_PARTITION_COUNT_EXCEEDED."},
		{Name: "exchange.sink-max-file-size", Default: "1GB", UsedBy: "coordinator",
			Value: Size(func(c *Exchange) *int64 { return &c.SinkMaxFileSize }, 1<<20),
			Doc:   "The output of a task is rolled over to another object above this size."},
	},
	Defunct: []Defunct{
		{"exchange.encryption-enabled", "use 'external-exchange-encryption-enabled' in config.properties"},
	},
	Check: func(c *Exchange) error {
		for i, dir := range c.BaseDirectories {
			if !strings.HasSuffix(dir, "/") {
				c.BaseDirectories[i] = dir + "/"
			}
		}
		return c.checkS3()
	},
}

func checkBaseDirectories(dirs []string) error {
	if len(dirs) == 0 {
		return fmt.Errorf("the list is empty")
	}
	for _, dir := range dirs {
		u, err := url.Parse(dir)
		if err != nil {
			return fmt.Errorf("'%s' is not a URI", dir)
		}
		if schemeOf(dir) != schemeOf(dirs[0]) {
			return asTrino("Multiple schemes in exchange base directories")
		}
		if err := checkBaseDirectory(dir, u); err != nil {
			return err
		}
	}
	return nil
}

// checkBaseDirectory says what is wrong with a base directory by itself.
func checkBaseDirectory(dir string, u *url.URL) error {
	switch schemeOf(dir) {
	case "file":
		if !strings.HasPrefix(u.Path, "/") {
			return fmt.Errorf("'%s' is not an absolute path", dir)
		}
	case "s3":
		if u.Host == "" || u.Port() != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("'%s' is not of the form s3://bucket/prefix", dir)
		}
	default:
		return fmt.Errorf("scheme '%s' is not supported", u.Scheme)
	}
	return nil
}

// Spooling is the part of config.properties that is about exchanges.
type Spooling struct {
	Encrypt bool
	Delete  bool // what queries have spooled
}

// SpoolingTable lists the properties of Spooling.
var SpoolingTable = Table[Spooling]{
	Title: "Exchanges",
	Properties: []Property[Spooling]{
		{Name: "external-exchange-encryption-enabled", Default: "true", UsedBy: "coordinator",
			Aliases: []string{"fault-tolerant-execution-exchange-encryption-enabled",
				"fault-tolerant-execution.exchange-encryption-enabled"},
			Value: Bool(func(c *Spooling) *bool { return &c.Encrypt }),
			Doc:   "Whether spooled data is encrypted, with a key per query that is gone when the query ends."},
		{Name: "waterbear.exchange-deletion-enabled", Default: "true", UsedBy: "coordinator",
			Value: Bool(func(c *Spooling) *bool { return &c.Delete }),
			Doc: "Whether what queries have spooled is deleted when nobody needs it any more. Without, no such requests are made, and a life-cycle rule " +
				"of the storage has to do it, which must leave objects for as long as queries run."},
	},
}
