// Package s3 keeps exchange objects in buckets of Amazon S3 and of what speaks its protocol.
//
// An object is written as one PUT when it fits into a part, else by a multipart upload that runs while the writer still
// writes. Nobody sees it before the PUT, or the request that completes the upload, has succeeded; with If-None-Match these
// are also what makes an object only if there is none. Start with Opener and Store.
//
// The SDK repeats requests that fail, up to Config.MaxErrorRetries times; bodies that break off, and what lasts longer, are
// left to whoever wraps the store.
package s3

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config says how buckets are reached.
type Config struct {
	// AccessKey and SecretKey are static credentials. Without them the SDK looks in the environment, in its own files, and
	// asks the machine.
	AccessKey, SecretKey string
	// IAMRole is the role that is assumed with the credentials that the SDK finds; ExternalID goes with it.
	IAMRole, ExternalID string
	// RoleSession is the name under which uses of the role are logged; STSEndpoint and STSRegion are whom to ask for its credentials. They
	// have defaults.
	RoleSession, STSEndpoint, STSRegion string
	// Region of the buckets; empty: that of the environment, or us-east-1 when there is an Endpoint.
	Region string
	// Endpoint is the URL of a server that speaks the protocol; empty: Amazon's of the region.
	Endpoint string
	// PathStyle puts the bucket into the path of requests instead of the host name.
	PathStyle bool
	// MaxErrorRetries is how often a request that failed is repeated.
	MaxErrorRetries int
	// Adaptive makes the client slow down when the server throttles.
	Adaptive bool
	// PartSize is the size of an upload's parts; objects up to it are one PUT.
	PartSize int64
	// StorageClass of objects; empty: the bucket's default.
	StorageClass string
	// CannedACL says who may do what with objects; empty or NONE: the bucket does.
	CannedACL CannedACL
	// RequesterPays makes requests say that their costs are the requester's.
	RequesterPays bool
	// ApplicationID is what requests name in their User-Agent header, if anything.
	ApplicationID string
	// Encryption is the server's; KMSKeyID is the key of EncryptKMS.
	Encryption Encryption
	KMSKeyID   string
	// Connections is how many requests a bucket is sent at a time. Up to Waiting others wait for their turn, each up to
	// WaitTimeout.
	Connections, Waiting int
	WaitTimeout          time.Duration
	// IdleTime is how long connections are kept that nobody uses, and ConnectTimeout how long connecting may take. They have defaults.
	IdleTime, ConnectTimeout time.Duration
	// Keys are those that objects may have.
	Keys store.Keys
	// Names are those under which users know some of this; empty: those of the exchange manager.
	Names Names
}

// Names are names of properties, for errors.
type Names struct{ PartSize, Waiting, WaitTimeout string }

// names returns those of the configuration.
func (c Config) names() Names {
	return Names{PartSize: cmp.Or(c.Names.PartSize, "exchange.s3.upload.part-size"),
		Waiting:     cmp.Or(c.Names.Waiting, "exchange.s3.async-client-max-pending-connection-acquires"),
		WaitTimeout: cmp.Or(c.Names.WaitTimeout, "exchange.s3.async-client-connection-acquisition-timeout")}
}

// Encryption is the kind of encryption that the server applies to objects.
type Encryption string

// CannedACL is one of S3's usual lists of grants, by Trino's names.
type CannedACL string

// CannedACLs are all of them.
var CannedACLs = []CannedACL{"NONE", "PRIVATE", "PUBLIC_READ", "PUBLIC_READ_WRITE", "AUTHENTICATED_READ", "BUCKET_OWNER_READ", "BUCKET_OWNER_FULL_CONTROL"}

// acl is the protocol's name.
func (c Config) acl() types.ObjectCannedACL {
	if c.CannedACL == "" || c.CannedACL == "NONE" {
		return ""
	}
	return types.ObjectCannedACL(strings.ToLower(strings.ReplaceAll(string(c.CannedACL), "_", "-")))
}

// The kinds.
const (
	EncryptNone Encryption = "NONE"
	EncryptS3   Encryption = "S3"  // with keys of the server's
	EncryptKMS  Encryption = "KMS" // with a key of the key management service
)

// Opener opens stores at URIs such as s3://bucket/prefix/. Stores of the same bucket share a client.
func Opener(cfg Config) store.Opener {
	var mu sync.Mutex
	clients := map[string]*client{}
	return func(ctx context.Context, uri *url.URL) (store.Store, error) {
		bucket, prefix, err := store.Bucket(uri, "s3")
		if err != nil {
			return nil, err
		}
		mu.Lock()
		defer mu.Unlock()
		c := clients[bucket]
		if c == nil {
			if c, err = newClient(ctx, cfg); err != nil {
				return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "open s3://%s", bucket)
			}
			clients[bucket] = c
		}
		return &Store{cfg: cfg, client: c, bucket: bucket, prefix: prefix}, nil
	}
}

// Store is a prefix of the keys of a bucket.
type Store struct {
	cfg    Config
	client *client
	bucket string
	prefix string // empty, or ending with a slash
}

var _ store.Store = (*Store)(nil)

// URI returns the s3 URI.
func (s *Store) URI() string {
	return store.BucketURI("s3", s.bucket, s.prefix)
}

// Close drops idle connections. Other stores of the bucket can still be used.
func (s *Store) Close() error {
	s.client.closeIdle()
	return nil
}

// client is what stores of a bucket share.
type client struct {
	*s3.Client
	closeIdle func()
	// renew forgets the credentials, so that the next request asks for others.
	renew func()
	// pageSize bounds the pages of listings; nil: the server does, by 1000. Tests have less patience.
	pageSize *int32
	// noMultiDelete is set when the server has turned out not to know the request that deletes many objects.
	noMultiDelete flag
}
