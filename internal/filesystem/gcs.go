package filesystem

import (
	"net/url"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/gcs"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
)

// GCS says how buckets of Google Cloud Storage are reached.
type GCS struct {
	Enabled       bool
	KeyFile, Key  string
	Project       string
	Endpoint      string
	PartSize      int64
	PageSize      int
	Retries       int
	RetryTime     time.Duration
	ApplicationID string
}

// Limits of Google Cloud Storage that no property sets.
const (
	// readTimeout is how long a read may go without a byte before it is begun again.
	readTimeout = 30 * time.Second
	// gcsConnections is how many requests to a bucket are under way at a time.
	gcsConnections = 500
)

var gcsProperties = []config.Property[GCS]{
	{Name: "fs.native-gcs.enabled", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *GCS) *bool { return &c.Enabled }),
		Doc:   "Whether locations that begin with `gs://` can be used."},
	{Name: "gcs.json-key-file-path", UsedBy: "filesystem",
		Value: config.Text(func(c *GCS) *string { return &c.KeyFile }, "an existing file", checkFile),
		Doc: "File with credentials in JSON, such as the key of a service account. Without it, and without a key, they come from the environment, the files of the " +
			"Google Cloud SDK or the machine, in the SDK's order."},
	{Name: "gcs.json-key", Secret: true, UsedBy: "filesystem",
		Value: config.Text(func(c *GCS) *string { return &c.Key }, "", nil),
		Doc:   "The content of such a file. Not together with it."},
	{Name: "gcs.project-id", UsedBy: "filesystem",
		Value: config.Text(func(c *GCS) *string { return &c.Project }, "", nil),
		Doc:   "Project of the buckets. They are found by their names alone, so that nothing depends on it."},
	{Name: "gcs.endpoint", UsedBy: "filesystem",
		Value: config.Text(func(c *GCS) *string { return &c.Endpoint }, "an http: or https: URL", checkURL),
		Doc:   "Server that speaks the protocol. Without it: Google's."},
	{Name: "gcs.write-block-size", Default: "16MB", UsedBy: "filesystem",
		Value: config.SizeBetween(func(c *GCS) *int64 { return &c.PartSize }, 256<<10, 256<<20),
		Doc:   "Files up to this size are written by one request, larger ones in parts of it. A writer holds up to three in memory."},
	{Name: "gcs.page-size", Default: "100", UsedBy: "filesystem",
		Value: config.Int(func(c *GCS) *int { return &c.PageSize }, 1, 1000),
		Doc:   "How many files a request for a listing brings."},
	{Name: "gcs.client.max-retries", Default: "20", UsedBy: "filesystem",
		Value: config.Int(func(c *GCS) *int { return &c.Retries }, 0, config.NoMax),
		Doc:   "How often the SDK repeats a request that failed."},
	{Name: "gcs.client.max-retry-time", Default: "25s", UsedBy: "filesystem",
		Value: config.Duration(func(c *GCS) *time.Duration { return &c.RetryTime }, time.Millisecond),
		Doc:   "For how long a request is repeated that does not get on, but at least three times."},
	{Name: "gcs.application-id", Default: "Waterbear", UsedBy: "filesystem",
		Value: config.Text(func(c *GCS) *string { return &c.ApplicationID }, "at most 50 characters", checkApplicationID),
		Doc:   "What requests name in their `User-Agent` header."},
}

var gcsUnsupported = []config.Defunct{
	{Name: "gcs.use-access-token", Use: "all users of a catalog have the same credentials"},
	{Name: "gcs.auth-type", Use: "credentials follow from 'gcs.json-key' and 'gcs.json-key-file-path'; it can be removed"},
	{Name: "gcs.read-block-size", Use: "what is needed of a file is read at once; it can be removed"},
	{Name: "gcs.batch-size", Use: "files are deleted one by one, many at a time; it can be removed"},
	{Name: "gcs.client.backoff-scale-factor", Use: "pauses between repetitions double; it can be removed"},
	{Name: "gcs.client.min-backoff-delay", Use: "the first pause is 50 ms; it can be removed"},
	{Name: "gcs.client.max-backoff-delay", Use: "the longest pause is a second; it can be removed"},
}

func (c *GCS) check() error {
	if c.KeyFile != "" && c.Key != "" {
		return &config.PropertyError{Property: "gcs.json-key", Msg: "it cannot be set together with 'gcs.json-key-file-path'"}
	}
	return nil
}

func (c *GCS) driver(p place) *driver {
	return &driver{root: &url.URL{Scheme: "gs", Host: p.authority, Path: "/"},
		wait: retry.Config{MaxError: c.RetryTime, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, Concurrent: gcsConnections},
		open: gcs.Opener(gcs.Config{KeyFile: c.KeyFile, Key: c.Key, Endpoint: c.Endpoint, MaxErrorRetries: c.Retries, PartSize: c.PartSize, PageSize: c.PageSize,
			ApplicationID: c.ApplicationID, Connections: gcsConnections, Waiting: waiting, WaitTimeout: waitTimeout, Keys: store.AnyKeys})}
}
