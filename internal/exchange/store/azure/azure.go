// Package azure keeps exchange objects in containers of Azure Blob Storage.
//
// An object is a block blob. It is written as one Put Blob when it fits into a block, else as blocks that are sent while the
// writer still writes, and that one Put Block List makes a blob of. Nobody sees it before one of these requests has succeeded;
// with If-None-Match these are also what makes an object only if there is none. Start with Opener and Store.
//
// Azure knows no request that drops blocks which were sent and belong to no blob. They show in no ordinary listing; a new
// blob of the name drops them, DeletePrefix does, and Azure itself does after a week.
//
// The SDK repeats requests that fail, up to Config.MaxErrorRetries times; bodies that break off, and what lasts longer, are
// left to whoever wraps the store.
package azure

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config says how containers of one account are reached.
type Config struct {
	// ConnectionString names the account and holds its key or a shared access signature.
	ConnectionString string
	// Endpoint is the account's URL, when there is no ConnectionString. Its credentials are those that the SDK finds in the
	// environment, on the machine and with the command line tools.
	Endpoint string
	// OAuth is a service principal, and Identity one that was assigned to the machine, with an Endpoint; when they are not empty.
	OAuth    OAuth
	Identity ManagedIdentity
	// ApplicationID is what requests name in their User-Agent header, if anything; at most 24 characters.
	ApplicationID string
	// MaxErrorRetries is how often a request that failed is repeated.
	MaxErrorRetries int
	// BlockSize is the size of blocks; objects up to it are one request.
	BlockSize int64
	// Connections is how many requests the account is sent at a time. Up to Waiting others wait for their turn, each up to
	// WaitTimeout.
	Connections, Waiting int
	WaitTimeout          time.Duration
	// Keys are those that objects may have.
	Keys store.Keys
	// Names are those under which users know some of this; empty: those of the exchange manager.
	Names Names
}

// OAuth is a service principal and, unless it is Azure's public one, the authority that gives its tokens.
type OAuth struct{ TenantID, Endpoint, ClientID, Secret string }

// ManagedIdentity is an identity of the machine, by one of its IDs.
type ManagedIdentity struct{ ClientID, ResourceID string }

// Names are names of properties, for errors.
type Names struct{ BlockSize, Waiting, WaitTimeout string }

// names returns those of the configuration.
func (c Config) names() Names {
	return Names{BlockSize: cmp.Or(c.Names.BlockSize, "exchange.azure.block-size"),
		Waiting:     cmp.Or(c.Names.Waiting, "exchange.azure.pending-acquire-max-count"),
		WaitTimeout: cmp.Or(c.Names.WaitTimeout, "exchange.azure.connection-acquisition-timeout")}
}

// Schemes are those of the URIs. Both mean the same: whether connections are encrypted is up to the connection string.
var Schemes = []string{"abfs", "abfss"}

// Opener opens stores at URIs such as abfss://container@account.dfs.core.windows.net/prefix/. What stands behind the @ is not
// looked at, as in Trino: the account is that of the configuration.
func Opener(cfg Config) store.Opener {
	a := sync.OnceValues(func() (*account, error) { return newAccount(cfg, nil) })
	return func(_ context.Context, uri *url.URL) (store.Store, error) {
		at, err := locate(uri)
		if err != nil {
			return nil, err
		}
		a, err := a()
		if err != nil {
			return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "open %s", uri.Redacted())
		}
		return a.store(at)
	}
}

// place is what a URI says.
type place struct {
	scheme, container, host string
	prefix                  string // of keys; empty, or ending with a slash
}

func locate(uri *url.URL) (place, error) {
	p := place{scheme: uri.Scheme, container: uri.User.Username(), host: uri.Host, prefix: strings.Trim(uri.Path, "/")}
	_, password := uri.User.Password()
	known := p.scheme == Schemes[0] || p.scheme == Schemes[1]
	if !known || p.container == "" || password || p.host == "" || uri.RawQuery != "" || uri.Fragment != "" {
		return place{}, trinoerr.New(trinoerr.ConfigurationInvalid, "not of the form abfss://container@account.dfs.core.windows.net/prefix: %s", uri.Redacted())
	}
	if p.prefix != "" {
		p.prefix += "/"
	}
	return p, nil
}

// uri is the inverse of locate.
func (p place) uri() string {
	return (&url.URL{Scheme: p.scheme, User: url.User(p.container), Host: p.host, Path: "/" + p.prefix}).String()
}

// Store is a prefix of the names of a container's blobs.
type Store struct {
	account *account
	client  *container.Client
	place
}

var _ store.Store = (*Store)(nil)

// URI returns the URI that the store was opened with.
func (s *Store) URI() string { return s.uri() }

// Close drops idle connections. Other stores of the account can still be used.
func (s *Store) Close() error {
	s.account.closeIdle()
	return nil
}

// blob is the client of an object.
func (s *Store) blob(key string) *blockblob.Client {
	return s.client.NewBlockBlobClient(s.prefix + key)
}
