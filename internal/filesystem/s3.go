package filesystem

import (
	"fmt"
	"net/url"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/s3"
)

// S3 says how buckets of Amazon S3, and of what speaks its protocol, are reached.
type S3 struct {
	Enabled              bool
	AccessKey, SecretKey string
	IAMRole, ExternalID  string
	RoleSession          string
	STSEndpoint          string
	STSRegion            string
	Endpoint, Region     string
	PathStyle            bool
	Encryption           s3.Encryption
	KMSKeyID             string
	CannedACL            s3.CannedACL
	StorageClass         s3StorageClass
	PartSize             int64
	RequesterPays        bool
	Connections          int
	IdleTime             time.Duration
	ConnectTimeout       time.Duration
	ReadTimeout          time.Duration
	RetryMode            retryMode
	Retries              int
	ExclusiveCreate      bool
	ApplicationID        string
}

type (
	retryMode      string
	s3StorageClass string
)

// Limits of file systems that no property sets.
const (
	// maxError is how long a request is repeated that does not get on, beyond what the SDK repeats.
	maxError = time.Minute
	// writeTimeout is how long a piece of a file may take to be written, and the file to be committed.
	writeTimeout = 2 * time.Minute
	// waiting requests are as many as tasks make; each waits for its turn as long as others take.
	waiting     = 1 << 20
	waitTimeout = 5 * time.Minute
)

var s3Properties = []config.Property[S3]{
	{Name: "fs.native-s3.enabled", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *S3) *bool { return &c.Enabled }),
		Doc:   "Whether locations that begin with `s3://`, `s3a://` and `s3n://` can be used."},
	{Name: "s3.aws-access-key", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.AccessKey }, "", nil),
		Doc:   "Access key. Without it credentials come from the environment, the files of the AWS SDK, a web identity, the container or the machine, in the SDK's order."},
	{Name: "s3.aws-secret-key", Secret: true, UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.SecretKey }, "", nil),
		Doc:   "Secret key that goes with the access key."},
	{Name: "s3.iam-role", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.IAMRole }, "", nil),
		Doc:   "ARN of a role to assume, with the access key or whatever credentials there are."},
	{Name: "s3.role-session-name", Default: "trino-filesystem", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.RoleSession }, "", nil),
		Doc:   "Name under which uses of the role are logged."},
	{Name: "s3.external-id", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.ExternalID }, "", nil),
		Doc:   "External ID that the role's trust policy asks for."},
	{Name: "s3.sts.endpoint", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.STSEndpoint }, "an http: or https: URL", checkURL),
		Doc:   "Server that is asked for the role's credentials. Without it: Amazon's."},
	{Name: "s3.sts.region", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.STSRegion }, "", nil),
		Doc:   "Region of that server. Without it: that of the buckets."},
	{Name: "s3.endpoint", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.Endpoint }, "an http: or https: URL", checkURL),
		Doc:   "Server that speaks S3's protocol. Without it: Amazon's in the region, by https."},
	{Name: "s3.region", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.Region }, "", nil),
		Doc:   "Region of the buckets."},
	{Name: "s3.path-style-access", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *S3) *bool { return &c.PathStyle }),
		Doc:   "Whether the bucket's name is put into the path of URLs instead of the host name."},
	{Name: "s3.sse.type", Default: "NONE", UsedBy: "filesystem",
		Value: config.Enum(func(c *S3) *s3.Encryption { return &c.Encryption }, s3.EncryptNone, s3.EncryptS3, s3.EncryptKMS),
		Doc:   "Encryption by the server: none that is asked for, with S3's keys, or with a key of the key management service."},
	{Name: "s3.sse.kms-key-id", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.KMSKeyID }, "", nil),
		Doc:   "The key of `KMS`; without it, the account's own."},
	{Name: "s3.canned-acl", Default: "NONE", UsedBy: "filesystem",
		Value: config.Enum(func(c *S3) *s3.CannedACL { return &c.CannedACL }, s3.CannedACLs...),
		Doc:   "Who may do what with the files that are written."},
	{Name: "s3.storage-class", Default: "STANDARD", UsedBy: "filesystem",
		Value: config.Enum(func(c *S3) *s3StorageClass { return &c.StorageClass }, "STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "REDUCED_REDUNDANCY",
			"ONEZONE_IA", "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE"),
		Doc: "Storage class of the files that are written."},
	{Name: "s3.streaming.part-size", Default: "32MB", UsedBy: "filesystem",
		Value: config.SizeBetween(func(c *S3) *int64 { return &c.PartSize }, 5<<20, 256<<20),
		Doc:   "Files up to this size are written by one request, larger ones in parts of it. A writer holds up to three in memory."},
	{Name: "s3.requester-pays", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *S3) *bool { return &c.RequesterPays }),
		Doc:   "Whether requests say that their costs are the requester's."},
	{Name: "s3.max-connections", Default: "500", UsedBy: "filesystem",
		Value: config.Int(func(c *S3) *int { return &c.Connections }, 1, config.NoMax),
		Doc:   "Requests to a bucket that are under way at a time, in each process."},
	{Name: "s3.connection-max-idle-time", Default: "1m", UsedBy: "filesystem",
		Value: config.Duration(func(c *S3) *time.Duration { return &c.IdleTime }, time.Millisecond),
		Doc:   "How long a connection is kept that nobody uses."},
	{Name: "s3.socket-connect-timeout", Default: "10s", UsedBy: "filesystem",
		Value: config.Duration(func(c *S3) *time.Duration { return &c.ConnectTimeout }, time.Millisecond),
		Doc:   "How long connecting may take."},
	{Name: "s3.socket-read-timeout", Aliases: []string{"s3.socket-timeout"}, Default: "30s", UsedBy: "filesystem",
		Value: config.Duration(func(c *S3) *time.Duration { return &c.ReadTimeout }, time.Millisecond),
		Doc:   "How long a read may go without a byte before it is begun again."},
	{Name: "s3.retry-mode", Default: "LEGACY", UsedBy: "filesystem",
		Value: config.Enum(func(c *S3) *retryMode { return &c.RetryMode }, "STANDARD", "LEGACY", "ADAPTIVE"),
		Doc:   "Whether the SDK only waits before it repeats a request, or (`ADAPTIVE`) sends fewer requests as well when S3 throttles."},
	{Name: "s3.max-error-retries", Default: "20", UsedBy: "filesystem",
		Value: config.Int(func(c *S3) *int { return &c.Retries }, 1, config.NoMax),
		Doc:   "How often the SDK repeats a request that failed."},
	{Name: "s3.exclusive-create", Default: "true", UsedBy: "filesystem",
		Value: config.Bool(func(c *S3) *bool { return &c.ExclusiveCreate }),
		Doc:   "Whether the storage can write a file only if there is none; where it cannot, what relies on that is refused."},
	{Name: "s3.application-id", Default: "Waterbear", UsedBy: "filesystem",
		Value: config.Text(func(c *S3) *string { return &c.ApplicationID }, "at most 50 characters", checkApplicationID),
		Doc:   "What requests name in their `User-Agent` header."},
}

var s3Unsupported = []config.Defunct{
	{Name: "s3.sse.customer-key", Use: "keys of one's own are not supported; 's3.sse.type' can be S3 or KMS"},
	{Name: "s3.cross-region-access", Use: "set 's3.region' to that of the buckets"},
	{Name: "s3.signer-type", Use: "requests are signed as S3 wants it; it can be removed"},
	{Name: "s3.use-web-identity-token-credentials-provider", Use: "web identities are among the credentials that are looked for; it can be removed"},
	{Name: "s3.auth-type", Use: "credentials follow from 's3.aws-access-key' and 's3.iam-role'; it can be removed"},
	{Name: "s3.connection-ttl", Use: "connections are replaced when they break; it can be removed"},
	{Name: "s3.tcp-keep-alive", Use: "connections always are probed; it can be removed"},
	{Name: "s3.http-proxy", Use: "proxies are those of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
	{Name: "s3.http-proxy.secure", Use: "proxies are those of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
	{Name: "s3.http-proxy.username", Use: "proxies are those of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
	{Name: "s3.http-proxy.password", Use: "proxies are those of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
	{Name: "s3.http-proxy.non-proxy-hosts", Use: "proxies are those of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
	{Name: "s3.http-proxy.preemptive-basic-auth", Use: "proxies are those of the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY"},
	{Name: "s3.security-mapping.enabled", Use: "all users of a catalog have the same credentials"},
	{Name: "s3.security-mapping.config-file", Use: "all users of a catalog have the same credentials"},
	{Name: "s3.security-mapping.config-uri", Use: "all users of a catalog have the same credentials"},
	{Name: "fs.cache.enabled", Use: "files are not cached on the disks of workers"},
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return fmt.Errorf("'%s' is no such URL", text)
	}
	return nil
}

func checkApplicationID(text string) error {
	if len(text) > 50 {
		return fmt.Errorf("it has %d", len(text))
	}
	return nil
}

func (c *S3) check() error {
	bad := func(property, msg string) error { return &config.PropertyError{Property: property, Msg: msg} }
	switch {
	case c.AccessKey != "" && c.SecretKey == "":
		return bad("s3.aws-access-key", "'s3.aws-secret-key' must be set with it")
	case c.AccessKey == "" && c.SecretKey != "":
		return bad("s3.aws-secret-key", "'s3.aws-access-key' must be set with it")
	case c.IAMRole == "" && c.ExternalID != "":
		return bad("s3.external-id", "'s3.iam-role' must be set with it")
	case c.IAMRole == "" && c.STSEndpoint != "":
		return bad("s3.sts.endpoint", "'s3.iam-role' must be set with it")
	case c.IAMRole == "" && c.STSRegion != "":
		return bad("s3.sts.region", "'s3.iam-role' must be set with it")
	case c.KMSKeyID != "" && c.Encryption != s3.EncryptKMS:
		return bad("s3.sse.kms-key-id", "'s3.sse.type' must be KMS with it")
	}
	return nil
}

// driver is how a bucket is opened: as a whole, whatever the scheme of the location.
func (c *S3) driver(p place) *driver {
	return &driver{root: &url.URL{Scheme: "s3", Host: p.authority, Path: "/"}, noIfAbsent: !c.ExclusiveCreate,
		wait: retry.Config{MaxError: maxError, ReadTimeout: c.ReadTimeout, WriteTimeout: writeTimeout, Concurrent: c.Connections},
		open: s3.Opener(s3.Config{AccessKey: c.AccessKey, SecretKey: c.SecretKey, IAMRole: c.IAMRole, ExternalID: c.ExternalID, RoleSession: c.RoleSession,
			STSEndpoint: c.STSEndpoint, STSRegion: c.STSRegion, Region: c.Region, Endpoint: c.Endpoint, PathStyle: c.PathStyle, MaxErrorRetries: c.Retries,
			Adaptive: c.RetryMode == "ADAPTIVE", PartSize: c.PartSize, StorageClass: string(c.StorageClass), CannedACL: c.CannedACL, RequesterPays: c.RequesterPays,
			ApplicationID: c.ApplicationID, Encryption: c.Encryption, KMSKeyID: c.KMSKeyID, Connections: c.Connections, Waiting: waiting, WaitTimeout: waitTimeout,
			IdleTime: c.IdleTime, ConnectTimeout: c.ConnectTimeout, Keys: store.AnyKeys,
			Names: s3.Names{PartSize: "s3.streaming.part-size", Waiting: "s3.max-connections", WaitTimeout: "s3.max-connections"}})}
}
