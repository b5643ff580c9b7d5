package azure

import (
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// account is what stores of an account share.
type account struct {
	cfg        Config
	options    azcore.ClientOptions
	credential azcore.TokenCredential // with an endpoint only
	closeIdle  func()
	// noBatches is set when the server has turned out not to delete blobs in batches, and noUnfinished when it does not
	// list those that only have blocks.
	noBatches, noUnfinished atomic.Bool
	// pageSize bounds the pages of listings; nil: the server does, by 5000. batchSize is how many objects a request deletes at most, by the
	// protocol 256. Tests have less patience.
	pageSize  *int32
	batchSize int
}

// newAccount prepares the way to an account. It sends nothing yet. connections may be nil, for the usual ones.
func newAccount(cfg Config, connections *http.Transport) (*account, error) {
	if connections == nil {
		connections = transport.New()
	}
	queue := transport.NewQueue(connections, transport.Limits{Requests: cfg.Connections, Waiting: cfg.Waiting, WaitTimeout: cfg.WaitTimeout,
		WaitingProperty: cfg.names().Waiting, TimeoutProperty: cfg.names().WaitTimeout})
	a := &account{cfg: cfg, batchSize: maxBatch, closeIdle: connections.CloseIdleConnections}
	a.options = azcore.ClientOptions{
		Transport: &http.Client{Transport: queue, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Telemetry: policy.TelemetryOptions{ApplicationID: cfg.ApplicationID},
		Retry:     policy.RetryOptions{MaxRetries: int32(cfg.MaxErrorRetries), RetryDelay: transport.FirstPause, MaxRetryDelay: transport.LongestPause},
	}
	if cfg.MaxErrorRetries == 0 {
		a.options.Retry.MaxRetries = -1 // zero stands for a default
	}
	if cfg.ConnectionString != "" {
		return a, nil
	}
	var err error
	a.credential, err = credential(cfg)
	return a, err
}

// credential is what gives tokens. Their way is not that of requests: it has connections of its own, and the SDK's own repetitions.
func credential(cfg Config) (azcore.TokenCredential, error) {
	switch {
	case cfg.OAuth.ClientID != "":
		o := &azidentity.ClientSecretCredentialOptions{}
		if cfg.OAuth.Endpoint != "" {
			o.Cloud = cloud.Configuration{ActiveDirectoryAuthorityHost: authority(cfg.OAuth)}
		}
		return azidentity.NewClientSecretCredential(cfg.OAuth.TenantID, cfg.OAuth.ClientID, cfg.OAuth.Secret, o)
	case cfg.Identity.ClientID != "":
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ClientID(cfg.Identity.ClientID)})
	case cfg.Identity.ResourceID != "":
		return azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ResourceID(cfg.Identity.ResourceID)})
	}
	return azidentity.NewDefaultAzureCredential(nil)
}

// authority is the host of an endpoint for tokens, which users write down with the tenant and the path to it.
func authority(o OAuth) string {
	u, err := url.Parse(o.Endpoint)
	if err != nil {
		return o.Endpoint
	}
	return u.Scheme + "://" + u.Host + "/"
}

// store opens a prefix of a container.
func (a *account) store(at place) (*Store, error) {
	client, err := a.client(at.container)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.ConfigurationInvalid, "open %s", at.uri())
	}
	return &Store{account: a, client: client, place: at}, nil
}

func (a *account) client(name string) (*container.Client, error) {
	options := &container.ClientOptions{ClientOptions: a.options}
	if a.cfg.ConnectionString != "" {
		c, err := container.NewClientFromConnectionString(a.cfg.ConnectionString, name, options)
		if err != nil {
			return nil, fmt.Errorf("exchange.azure.connection-string: %w", err)
		}
		return c, nil
	}
	u, err := url.JoinPath(a.cfg.Endpoint, name)
	if err != nil {
		return nil, fmt.Errorf("exchange.azure.endpoint: %w", err)
	}
	return container.NewClient(u, a.credential, options)
}
