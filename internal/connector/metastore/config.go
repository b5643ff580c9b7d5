package metastore

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// ThriftConfig says how a Hive metastore is reached.
type ThriftConfig struct {
	URIs             []string
	User             string
	ConnectTimeout   time.Duration
	ReadTimeout      time.Duration
	MaxRetries       int
	BackoffScale     float64
	MinBackoff       time.Duration
	MaxBackoff       time.Duration
	MaxRetryTime     time.Duration
	TLS              bool
	TrustCertificate string
}

// ThriftProperties are Trino's properties of a Hive metastore, for a connector's settings.
func ThriftProperties[C any](usedBy string, part func(*C) *ThriftConfig) []config.Property[C] {
	type P = ThriftConfig
	const client = "hive.metastore.thrift.client."
	return config.Nested(part, []config.Property[P]{
		{Name: "hive.metastore.uri", UsedBy: usedBy,
			Value: config.List(func(c *P) *[]string { return &c.URIs }, "thrift://host:port, several of them separated by commas", checkURIs),
			Doc:   "Where the Hive metastore listens. Of several, the first that can be reached is used."},
		{Name: "hive.metastore.username", UsedBy: usedBy,
			Value: config.Text(func(c *P) *string { return &c.User }, "a name", nil),
			Doc:   "As whom the Hive metastore acts when it does not ask for credentials."},
		{Name: client + "connect-timeout", Default: "10s", UsedBy: usedBy,
			Value: config.Duration(func(c *P) *time.Duration { return &c.ConnectTimeout }, time.Millisecond),
			Doc:   "How long connecting to the Hive metastore may take."},
		{Name: client + "read-timeout", Default: "10s", UsedBy: usedBy,
			Value: config.Duration(func(c *P) *time.Duration { return &c.ReadTimeout }, time.Millisecond),
			Doc:   "How long the Hive metastore may be silent during a request."},
		{Name: client + "max-retries", Default: "9", UsedBy: usedBy,
			Value: config.Int(func(c *P) *int { return &c.MaxRetries }, 0, 1000),
			Doc:   "How often a request to the Hive metastore is repeated that did not reach it, or that only asks."},
		{Name: client + "backoff-scale-factor", Default: "2.0", UsedBy: usedBy,
			Value: config.Float(func(c *P) *float64 { return &c.BackoffScale }, 1, 100),
			Doc:   "By what the delay between repetitions grows."},
		{Name: client + "min-backoff-delay", Default: "1s", UsedBy: usedBy,
			Value: config.Duration(func(c *P) *time.Duration { return &c.MinBackoff }, time.Millisecond),
			Doc:   "The delay before the first repetition."},
		{Name: client + "max-backoff-delay", Default: "1s", UsedBy: usedBy,
			Value: config.Duration(func(c *P) *time.Duration { return &c.MaxBackoff }, time.Millisecond),
			Doc:   "The largest delay between repetitions."},
		{Name: client + "max-retry-time", Default: "30s", UsedBy: usedBy,
			Value: config.Duration(func(c *P) *time.Duration { return &c.MaxRetryTime }, time.Millisecond),
			Doc:   "How long a request to the Hive metastore is repeated in all."},
		{Name: client + "ssl.enabled", Default: "false", UsedBy: usedBy,
			Value: config.Bool(func(c *P) *bool { return &c.TLS }),
			Doc:   "Whether connections to the Hive metastore are secured by TLS."},
		{Name: client + "ssl.trust-certificate", UsedBy: usedBy,
			Value: config.Text(func(c *P) *string { return &c.TrustCertificate }, "a PEM file", nil),
			Doc:   "The certificates, in PEM, that the Hive metastore's certificate must rest on; otherwise the system's."},
	})
}

func checkURIs(uris []string) error {
	for _, uri := range uris {
		if _, err := thriftAddress(uri); err != nil {
			return err
		}
	}
	return nil
}
