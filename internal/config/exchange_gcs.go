package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// ExchangeGCS says how buckets of Google Cloud Storage are reached. All but the key is said by properties exchange.s3.*, as in
// Trino, which speaks S3's protocol with it.
type ExchangeGCS struct {
	KeyFile, Key string // at most one; without them the SDK looks for credentials

	Endpoint           string
	MaxErrorRetries    int
	Adaptive           bool
	PartSize           int64
	KMSKeyID           string
	Connections        int // requests at a time
	MaxPendingRequests int // that wait for their turn
	ConnectionWait     time.Duration
}

// ExchangeGCSTable lists the properties of exchange-manager.properties for base directories in Google Cloud Storage.
var ExchangeGCSTable = Table[ExchangeGCS]{
	Title: "exchange-manager.properties, for gs://",
	Properties: []Property[ExchangeGCS]{
		{Name: "exchange.gcs.json-key-file-path", UsedBy: "exchange/store/gcs",
			Value: Text(func(c *ExchangeGCS) *string { return &c.KeyFile }, "", nil),
			Doc: "File with credentials in JSON, such as the key of a service account. Without it, and without a key, they come from the environment, the files of " +
				"the Google Cloud SDK or the machine, in the SDK's order."},
		{Name: "exchange.gcs.json-key", Secret: true, UsedBy: "exchange/store/gcs",
			Value: Text(func(c *ExchangeGCS) *string { return &c.Key }, "", nil),
			Doc:   "The content of such a file. Not together with it."},
	},
	Check: func(c *ExchangeGCS) error {
		if c.KeyFile != "" && c.Key != "" {
			return &PropertyError{Property: "exchange.gcs.json-key", Msg: "it cannot be set together with 'exchange.gcs.json-key-file-path'"}
		}
		return nil
	},
}

// checkGCS holds the properties for Google Cloud Storage against where the exchange is, and takes over those that are named for
// S3.
func (c *Exchange) checkGCS() error {
	if c.GCS == nil {
		return nil
	}
	if c.Scheme() != "gs" {
		if *c.GCS != ExchangeGCSTable.Defaults(Host{}) {
			return &PropertyError{Property: "exchange.base-directories",
				Msg: "none of them is in Google Cloud Storage, but properties exchange.gcs.* are set"}
		}
		c.GCS = nil
		return nil
	}
	s := c.S3
	c.S3 = nil
	return c.GCS.takeOver(s)
}

// kmsKeyName is the form of the names of keys of Google's key management service.
var kmsKeyName = regexp.MustCompile(`^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$`)

// takeOver fills in what properties exchange.s3.* say of Google Cloud Storage, and refuses those that say nothing of it.
func (c *ExchangeGCS) takeOver(s *ExchangeS3) error {
	var foreign []string
	for _, p := range []struct {
		name string
		set  bool
	}{
		{"exchange.s3.aws-access-key", s.AccessKey != ""},
		{"exchange.s3.aws-secret-key", s.SecretKey != ""},
		{"exchange.s3.iam-role", s.IAMRole != ""},
		{"exchange.s3.external-id", s.ExternalID != ""},
		{"exchange.s3.region", s.Region != ""},
		{"exchange.s3.storage-class", s.StorageClass != "STANDARD"},
	} {
		if p.set {
			foreign = append(foreign, "'"+p.name+"'")
		}
	}
	if len(foreign) > 0 {
		return &PropertyError{Property: "exchange.base-directories", Msg: fmt.Sprintf("gs:// is reached through Google's own interface, with "+
			"'exchange.gcs.json-key-file-path', 'exchange.gcs.json-key' or default credentials; please remove %s, which only the S3 protocol has a use for",
			strings.Join(foreign, ", "))}
	}
	if s.Encryption == S3KMS && !kmsKeyName.MatchString(s.KMSKeyID) {
		return &PropertyError{Property: "exchange.s3.sse.kms-key-id",
			Msg: "with gs:// it must be of the form projects/P/locations/L/keyRings/R/cryptoKeys/K"}
	}
	c.Endpoint, c.MaxErrorRetries, c.Adaptive, c.PartSize = s.Endpoint, s.MaxErrorRetries, s.RetryMode != S3Standard, s.PartSize
	c.KMSKeyID, c.Connections, c.MaxPendingRequests, c.ConnectionWait = s.KMSKeyID, s.Connections, s.MaxPendingRequests, s.ConnectionWait
	return nil
}
