package config

import (
	"fmt"
	"net/url"
	"time"
)

// ExchangeS3 says how buckets of S3 are reached.
type ExchangeS3 struct {
	AccessKey, SecretKey string // both or neither; without them the SDK looks for credentials
	IAMRole, ExternalID  string
	Region, Endpoint     string
	PathStyle            bool
	MaxErrorRetries      int
	RetryMode            S3RetryMode
	PartSize             int64
	StorageClass         S3StorageClass
	Connections          int // requests at a time
	MaxPendingRequests   int // that wait for their turn
	ConnectionWait       time.Duration
	Encryption           S3Encryption
	KMSKeyID             string
}

// S3RetryMode is how requests that failed are repeated.
type S3RetryMode string

// The retry modes, with the SDK's names. What distinguishes Trino's two adaptive ones is not in the SDK for Go.
const (
	S3Standard   S3RetryMode = "STANDARD"
	S3Adaptive   S3RetryMode = "ADAPTIVE"
	S3AdaptiveV2 S3RetryMode = "ADAPTIVE_V2"
)

// S3StorageClass is the class of storage of objects: those from which objects can be read at once.
type S3StorageClass string

// S3Encryption is the kind of encryption that the server applies.
type S3Encryption string

// The kinds of encryption.
const (
	S3NotEncrypted S3Encryption = "NONE"
	S3OwnKeys      S3Encryption = "S3"
	S3KMS          S3Encryption = "KMS"
)

// The sizes of parts that S3 takes, by Trino's bounds, and how many parts an object has at most.
const (
	minPartSize = 5 << 20
	maxPartSize = 256 << 20
	maxS3Parts  = 10_000
)

// ExchangeS3Table lists the properties of exchange-manager.properties for base directories in S3.
var ExchangeS3Table = Table[ExchangeS3]{
	Title: "exchange-manager.properties, for s3://",
	Properties: []Property[ExchangeS3]{
		{Name: "exchange.s3.aws-access-key", UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.AccessKey }, "", nil),
			Doc: "Access key. Without it credentials come from the environment, the files of the AWS SDK, the container or the machine, in " +
				"the SDK's order."},
		{Name: "exchange.s3.aws-secret-key", Secret: true, UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.SecretKey }, "", nil),
			Doc:   "Secret key that goes with the access key."},
		{Name: "exchange.s3.iam-role", UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.IAMRole }, "", nil),
			Doc:   "ARN of a role to assume. Not together with an access key."},
		{Name: "exchange.s3.external-id", UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.ExternalID }, "", nil),
			Doc:   "External ID that the role's trust policy asks for."},
		{Name: "exchange.s3.region", UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.Region }, "", nil),
			Doc:   "Region of the buckets. It or the endpoint must be set."},
		{Name: "exchange.s3.endpoint", UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.Endpoint }, "an http: or https: URL", checkEndpoint),
			Doc:   "Server that speaks S3's protocol. Without it: Amazon's in the region, by https."},
		{Name: "exchange.s3.path-style-access", Default: "false", UsedBy: "exchange/store/s3",
			Value: Bool(func(c *ExchangeS3) *bool { return &c.PathStyle }),
			Doc:   "Whether the bucket's name is put into the path of URLs instead of the host name."},
		{Name: "exchange.s3.max-error-retries", Default: "10", UsedBy: "exchange/store/s3",
			Value: Int(func(c *ExchangeS3) *int { return &c.MaxErrorRetries }, 0, NoMax),
			Doc:   "How often the SDK repeats a request that failed, before it counts as a failure that is repeated by `waterbear.exchange-*`."},
		{Name: "exchange.s3.retry-mode", Default: string(S3AdaptiveV2), UsedBy: "exchange/store/s3",
			Value: Enum(func(c *ExchangeS3) *S3RetryMode { return &c.RetryMode }, S3Standard, S3Adaptive, S3AdaptiveV2),
			Doc:   "Whether the SDK only waits before it repeats a request, or sends fewer requests as well when S3 throttles (both other modes)."},
		{Name: "exchange.s3.upload.part-size", Default: "5MB", UsedBy: "exchange/store/s3",
			Value: SizeBetween(func(c *ExchangeS3) *int64 { return &c.PartSize }, minPartSize, maxPartSize),
			Doc:   "Objects up to this size are written by one request, larger ones in parts of it. A writer holds up to three in memory."},
		{Name: "exchange.s3.storage-class", Default: "STANDARD", UsedBy: "exchange/store/s3",
			Value: Enum(func(c *ExchangeS3) *S3StorageClass { return &c.StorageClass }, "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA",
				"ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "OUTPOSTS", "SNOW", "EXPRESS_ONEZONE"),
			Doc: "Storage class of the objects. Classes from which objects must be restored before they can be read are not allowed."},
		{Name: "exchange.s3.async-client-concurrency", Default: "100", UsedBy: "exchange/store/s3",
			Value: Int(func(c *ExchangeS3) *int { return &c.Connections }, 1, NoMax),
			Doc:   "Requests to a bucket that are under way at a time, in each process."},
		{Name: "exchange.s3.async-client-max-pending-connection-acquires", Default: "10000", UsedBy: "exchange/store/s3",
			Value: Int(func(c *ExchangeS3) *int { return &c.MaxPendingRequests }, 1, NoMax),
			Doc:   "Requests that may wait for one of these to end; those beyond fail."},
		{Name: "exchange.s3.async-client-connection-acquisition-timeout", Default: "1m", UsedBy: "exchange/store/s3",
			Value: Duration(func(c *ExchangeS3) *time.Duration { return &c.ConnectionWait }, time.Millisecond),
			Doc:   "How long a request may wait for one of these to end."},
		{Name: "exchange.s3.sse.type", Default: string(S3NotEncrypted), UsedBy: "exchange/store/s3",
			Value: Enum(func(c *ExchangeS3) *S3Encryption { return &c.Encryption }, S3NotEncrypted, S3OwnKeys, S3KMS),
			Doc:   "Encryption by the server, besides Waterbear's own: none that is asked for, with S3's keys, or with a key of the key management service."},
		{Name: "exchange.s3.sse.kms-key-id", UsedBy: "exchange/store/s3",
			Value: Text(func(c *ExchangeS3) *string { return &c.KMSKeyID }, "", nil),
			Doc:   "The key of `KMS`, which requires it."},
	},
	Check: (*ExchangeS3).check,
}

func checkEndpoint(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("'%s' is no such URL", text)
	}
	return nil
}

// check holds the properties against each other.
func (c *ExchangeS3) check() error {
	bad := func(property, msg string) error { return &PropertyError{Property: property, Msg: msg} }
	switch {
	case c.AccessKey != "" && c.SecretKey == "":
		return bad("exchange.s3.aws-access-key", "'exchange.s3.aws-secret-key' must be set with it")
	case c.AccessKey == "" && c.SecretKey != "":
		return bad("exchange.s3.aws-secret-key", "'exchange.s3.aws-access-key' must be set with it")
	case c.IAMRole != "" && c.AccessKey != "":
		return bad("exchange.s3.iam-role", "it cannot be set together with 'exchange.s3.aws-access-key'")
	case c.ExternalID != "" && c.IAMRole == "":
		return bad("exchange.s3.external-id", "'exchange.s3.iam-role' must be set with it")
	case c.Encryption == S3KMS && c.KMSKeyID == "":
		return bad("exchange.s3.sse.type", "'exchange.s3.sse.kms-key-id' must be set with KMS")
	case c.Encryption != S3KMS && c.KMSKeyID != "":
		return bad("exchange.s3.sse.kms-key-id", "'exchange.s3.sse.type' must be KMS with it")
	}
	return nil
}

// checkS3 holds the properties for S3 against where the exchange is.
func (c *Exchange) checkS3() error {
	if c.S3 == nil {
		return nil
	}
	if c.Scheme() != "s3" {
		if *c.S3 != ExchangeS3Table.Defaults(Host{}) {
			return &PropertyError{Property: "exchange.base-directories", Msg: "none of them is in S3, but properties exchange.s3.* are set"}
		}
		c.S3 = nil
		return nil
	}
	if c.S3.Region == "" && c.S3.Endpoint == "" {
		return &PropertyError{Property: "exchange.base-directories", Msg: "'exchange.s3.region' or 'exchange.s3.endpoint' must be set"}
	}
	if most := maxS3Parts * c.S3.PartSize; c.SinkMaxFileSize > most {
		return &PropertyError{Property: "exchange.sink-max-file-size",
			Msg: fmt.Sprintf("with 'exchange.s3.upload.part-size' %s objects have at most %s", FormatSize(c.S3.PartSize), FormatSize(most))}
	}
	return nil
}
