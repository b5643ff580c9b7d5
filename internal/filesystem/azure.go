package filesystem

import (
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/azure"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
)

// Azure says how the storage accounts of Azure are reached: each location names its account.
type Azure struct {
	Enabled       bool
	Auth          azureAuth
	AccessKey     string
	OAuth         azure.OAuth
	Identity      azure.ManagedIdentity
	Endpoint      string
	BlockSize     int64
	Connections   int
	ApplicationID string
}

type azureAuth string

var azureProperties = []config.Property[Azure]{
	{Name: "fs.native-azure.enabled", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *Azure) *bool { return &c.Enabled }),
		Doc:   "Whether locations that begin with `abfs://`, `abfss://`, `wasb://` and `wasbs://` can be used."},
	{Name: "azure.auth-type", Default: "DEFAULT", UsedBy: "filesystem",
		Value: config.Enum(func(c *Azure) *azureAuth { return &c.Auth }, "DEFAULT", "ACCESS_KEY", "OAUTH"),
		Doc:   "Credentials: those of Azure's default chain (environment, workload, machine, command line tools), an access key, or a service principal."},
	{Name: "azure.access-key", Secret: true, UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.AccessKey }, "", nil),
		Doc:   "Key of the account, for `ACCESS_KEY`."},
	{Name: "azure.oauth.tenant-id", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.OAuth.TenantID }, "", nil),
		Doc:   "Tenant of the service principal, for `OAUTH`."},
	{Name: "azure.oauth.endpoint", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.OAuth.Endpoint }, "an https: URL", checkURL),
		Doc:   "Authority that gives tokens, for `OAUTH`. Without it: Azure's public one."},
	{Name: "azure.oauth.client-id", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.OAuth.ClientID }, "", nil),
		Doc:   "Client ID of the service principal, for `OAUTH`."},
	{Name: "azure.oauth.secret", Secret: true, UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.OAuth.Secret }, "", nil),
		Doc:   "Secret of the service principal, for `OAUTH`."},
	{Name: "azure.user-assigned-managed-identity.client-id", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.Identity.ClientID }, "", nil),
		Doc:   "Client ID of an identity that was assigned to the machine, for `DEFAULT`."},
	{Name: "azure.user-assigned-managed-identity.resource-id", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.Identity.ResourceID }, "", nil),
		Doc:   "Resource ID of such an identity, instead of its client ID."},
	{Name: "azure.endpoint", Default: "core.windows.net", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.Endpoint }, "the end of a host name, or an http: or https: URL", checkAzureEndpoint),
		Doc:   "What the host names of accounts end with. A URL, for emulators, is that of a server to which the account is the first part of paths."},
	{Name: "azure.write-block-size", Default: "4MB", UsedBy: "filesystem",
		Value: config.SizeBetween(func(c *Azure) *int64 { return &c.BlockSize }, 1<<20, 256<<20),
		Doc:   "Files up to this size are written by one request, larger ones in blocks of it. A writer holds up to three in memory."},
	{Name: "azure.max-http-requests", DefaultFrom: func(config.Host) string { return strconv.Itoa(2 * runtime.NumCPU()) }, DefaultDoc: "twice the number of processors", UsedBy: "filesystem",
		Value: config.Int(func(c *Azure) *int { return &c.Connections }, 1, config.NoMax),
		Doc:   "Requests to an account that are under way at a time, in each process."},
	{Name: "azure.application-id", Default: "Waterbear", UsedBy: "filesystem",
		Value: config.Text(func(c *Azure) *string { return &c.ApplicationID }, "at most 24 characters", checkAzureApplicationID),
		Doc:   "What requests name in their `User-Agent` header."},
}

var azureUnsupported = []config.Defunct{
	{Name: "azure.read-block-size", Use: "what is needed of a file is read at once; it can be removed"},
	{Name: "azure.max-write-concurrency", Use: "two blocks of a file are on their way while the next is filled; it can be removed"},
	{Name: "azure.max-single-upload-size", Use: "it is 'azure.write-block-size'; it can be removed"},
	{Name: "azure.multipart-write-enabled", Use: "large files are always written in blocks; it can be removed"},
	{Name: "azure.use-oauth-passthrough-token", Use: "all users of a catalog have the same credentials"},
}

func checkAzureEndpoint(text string) error {
	if strings.Contains(text, "://") {
		return checkURL(text)
	}
	if text == "" || strings.ContainsAny(text, "/:?# ") {
		return fmt.Errorf("'%s' is neither", text)
	}
	return nil
}

// checkAzureApplicationID: longer ones are refused by the SDK.
func checkAzureApplicationID(text string) error {
	if len(text) > 24 {
		return fmt.Errorf("it has %d", len(text))
	}
	return nil
}

func (c *Azure) check() error {
	bad := func(property, msg string) error { return &config.PropertyError{Property: property, Msg: msg} }
	switch {
	case !c.Enabled:
		return nil
	case c.Auth == "ACCESS_KEY" && c.AccessKey == "":
		return bad("azure.auth-type", "'azure.access-key' must be set with ACCESS_KEY")
	case c.Auth != "ACCESS_KEY" && c.AccessKey != "":
		return bad("azure.access-key", "'azure.auth-type' must be ACCESS_KEY with it")
	case c.Auth == "OAUTH" && (c.OAuth.TenantID == "" || c.OAuth.ClientID == "" || c.OAuth.Secret == ""):
		return bad("azure.auth-type", "'azure.oauth.tenant-id', 'azure.oauth.client-id' and 'azure.oauth.secret' must be set with OAUTH")
	case c.Auth != "OAUTH" && c.OAuth != azure.OAuth{}:
		return bad("azure.auth-type", "it must be OAUTH with 'azure.oauth.*'")
	case c.Auth != "DEFAULT" && c.Identity != azure.ManagedIdentity{}:
		return bad("azure.auth-type", "it must be DEFAULT with 'azure.user-assigned-managed-identity.*'")
	case c.Identity.ClientID != "" && c.Identity.ResourceID != "":
		return bad("azure.user-assigned-managed-identity.client-id", "it cannot be set together with 'azure.user-assigned-managed-identity.resource-id'")
	}
	return nil
}

// driver is how a container is opened; nil when the location names none.
func (c *Azure) driver(p place) *driver {
	container, host, found := strings.Cut(p.authority, "@")
	account, _, _ := strings.Cut(host, ".")
	if !found || container == "" || account == "" {
		return nil
	}
	cfg := azure.Config{Endpoint: c.account(account), MaxErrorRetries: azureRetries, BlockSize: c.BlockSize, Connections: c.Connections, Waiting: waiting,
		WaitTimeout: waitTimeout, Keys: store.AnyKeys, ApplicationID: c.ApplicationID, OAuth: c.OAuth, Identity: c.Identity,
		Names: azure.Names{BlockSize: "azure.write-block-size", Waiting: "azure.max-http-requests", WaitTimeout: "azure.max-http-requests"}}
	if c.Auth == "ACCESS_KEY" {
		cfg.Endpoint, cfg.ConnectionString = "", fmt.Sprintf("AccountName=%s;AccountKey=%s;BlobEndpoint=%s", account, c.AccessKey, c.account(account))
	}
	return &driver{open: azure.Opener(cfg), root: &url.URL{Scheme: "abfss", User: url.User(container), Host: host, Path: "/"},
		wait: retry.Config{MaxError: maxError, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, Concurrent: c.Connections}}
}

// azureRetries is how often the SDK repeats a request that failed.
const azureRetries = 10

// account is the URL of an account.
func (c *Azure) account(name string) string {
	if strings.Contains(c.Endpoint, "://") {
		return strings.TrimRight(c.Endpoint, "/") + "/" + name
	}
	return "https://" + name + ".blob." + c.Endpoint
}
