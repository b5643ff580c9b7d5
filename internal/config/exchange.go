package config

import (
	"errors"
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

	MaxPageBytes         int64 // of rendered rows
	MinSinkBuffers       int
	BuffersPerPartition  int
	Readers              int   // ranged reads of a task at a time
	FilesPerRead         int   // partition files that one of them brings
	ReadBytes            int64 // and how much altogether
	ConcurrentEnumerates int   // listings and deletions of a node at a time

	// How the storage is reached; nil when the base directories are elsewhere.
	S3    *ExchangeS3
	Azure *ExchangeAzure
	GCS   *ExchangeGCS
	HDFS  *ExchangeHDFS
}

// sections are the tables that make up exchange-manager.properties. The last one's check sees what the others have filled, and
// drops what is for other storages than the configured one.
func (c *Exchange) sections() []Section {
	c.S3, c.Azure, c.GCS, c.HDFS = &ExchangeS3{}, &ExchangeAzure{}, &ExchangeGCS{}, &ExchangeHDFS{}
	return []Section{ExchangeS3Table.Into(c.S3), ExchangeAzureTable.Into(c.Azure), ExchangeGCSTable.Into(c.GCS), ExchangeHDFSTable.Into(c.HDFS),
		ExchangeTable.Into(c)}
}

// BufferBytes is the size of a write buffer: what the storage takes in one request of a large object.
func (c *Exchange) BufferBytes() int64 {
	switch {
	case c.S3 != nil:
		return c.S3.PartSize
	case c.Azure != nil:
		return c.Azure.BlockSize
	case c.GCS != nil:
		return c.GCS.PartSize
	case c.HDFS != nil:
		return c.HDFS.BlockSize
	}
	return 4 << 20
}

// Scheme is that of the base directories: "file", "s3", "abfs".
func (c *Exchange) Scheme() string { return schemeOf(c.BaseDirectories[0]) }

func schemeOf(dir string) string {
	if u, err := url.Parse(dir); err == nil && u.Scheme != "" {
		return u.Scheme
	}
	return "file"
}

// ExchangeManager is a kind of exchange storage.
type ExchangeManager string

// The kinds, with Trino's names: where bundles are is said by the schemes of base directories.
const (
	FilesystemExchange ExchangeManager = "filesystem"
	HDFSExchange       ExchangeManager = "hdfs"
)

// ExchangeTable lists the properties of exchange-manager.properties.
var ExchangeTable = Table[Exchange]{
	Title: "exchange-manager.properties",
	Properties: []Property[Exchange]{
		{Name: "exchange-manager.name", Required: true, UsedBy: "cmd/waterbear",
			Value: Enum(func(c *Exchange) *ExchangeManager { return &c.Name }, FilesystemExchange, HDFSExchange),
			Doc:   "Kind of storage for the outputs of stages: `hdfs` for base directories `hdfs://`, `filesystem` for all others."},
		{Name: "exchange.base-directories", Aliases: []string{"exchange.base-directory"}, Required: true, UsedBy: "coordinator",
			Value: List(func(c *Exchange) *[]string { return &c.BaseDirectories },
				"a comma-separated list of absolute paths, or of URIs s3://bucket/prefix, gs://bucket/prefix, hdfs://nameservice/path or abfss://container@account.dfs.core.windows.net/prefix", checkBaseDirectories),
			Doc: "Where spooled data lies. All nodes must reach all of them under the same names. With several, load is spread."},
		{Name: "exchange.max-output-partition-count", Default: "50", UsedBy: "coordinator",
			Value: Int(func(c *Exchange) *int { return &c.MaxPartitions }, 1, NoMax),
			Doc:   "Largest number of partitions of an exchange; a query that needs more fails with MAX_OUTPUT_PARTITION_COUNT_EXCEEDED."},
		{Name: "exchange.sink-max-file-size", Default: "1GB", UsedBy: "coordinator",
			Value: Size(func(c *Exchange) *int64 { return &c.SinkMaxFileSize }, 1<<20),
			Doc:   "The output of a task is rolled over to another object above this size."},
		{Name: "exchange.max-page-storage-size", Default: "16MB", UsedBy: "slot",
			Value: Size(func(c *Exchange) *int64 { return &c.MaxPageBytes }, 1),
			Doc:   "Largest page of rows of a result; a row that is larger by itself fails with NOT_SUPPORTED. Rows between stages have no such limit."},
		{Name: "exchange.sink-buffer-pool-min-size", Default: "10", UsedBy: "slot",
			Value: Int(func(c *Exchange) *int { return &c.MinSinkBuffers }, 0, NoMax),
			Doc: "Least number of write buffers of a task's output, whatever its number of partitions. A buffer has the size of a part of the storage (of an upload " +
				"to S3, for example), or 4MB. Buffers are files in the scratch directory: an output goes out in parts from the moment at which it has filled half of its " +
				"buffers, and is held back when it has filled all of them."},
		{Name: "exchange.sink-buffers-per-partition", Default: "2", UsedBy: "slot",
			Value: Int(func(c *Exchange) *int { return &c.BuffersPerPartition }, 2, NoMax),
			Doc:   "Write buffers for each partition of a task's output."},
		{Name: "exchange.source-concurrent-readers", Default: "4", UsedBy: "slot",
			Value: Int(func(c *Exchange) *int { return &c.Readers }, 1, NoMax),
			Doc:   "Ranged reads that a task makes at a time to fetch one input."},
		{Name: "exchange.source-max-files-per-reader", Default: "25", UsedBy: "slot",
			Value: Int(func(c *Exchange) *int { return &c.FilesPerRead }, 1, NoMax),
			Doc:   "Files of partitions that lie together in an object and are fetched by one ranged read."},
		{Name: "exchange.source-handle-target-data-size", Default: "256MB", UsedBy: "slot",
			Value: Size(func(c *Exchange) *int64 { return &c.ReadBytes }, 1),
			Doc:   "How much one ranged read fetches when it fetches several such files. It is less when readers would be idle otherwise."},
		{Name: "exchange.file-listing-parallelism", Default: "50", UsedBy: "cmd/waterbear",
			Value: Int(func(c *Exchange) *int { return &c.ConcurrentEnumerates }, 1, NoMax),
			Doc:   "Listings, and deletions by prefix, that a node makes at a time. No listing is needed to read data; they are made to clean up."},
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
		if c.MaxPageBytes > c.SinkMaxFileSize {
			return &PropertyError{Property: "exchange.max-page-storage-size", Msg: fmt.Sprintf("it must be at most 'exchange.sink-max-file-size', which is %s",
				FormatSize(c.SinkMaxFileSize))}
		}
		return errors.Join(c.checkHDFS(), c.checkGCS(), c.checkS3(), c.checkAzure())
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
	case "s3", "gs":
		if u.Host == "" || u.Port() != "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return fmt.Errorf("'%s' is not of the form %s://bucket/prefix", dir, u.Scheme)
		}
	case "abfs", "abfss":
		return checkAzureDirectory(dir, u)
	case "hdfs":
		return checkHDFSDirectory(dir, u)
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
