package config

import (
	"fmt"
	"net/url"
	"time"
)

// ExchangeAzure says how containers of Azure Blob Storage are reached.
type ExchangeAzure struct {
	ConnectionString   string // names the account and holds its key
	Endpoint           string // the account's, with credentials that the SDK finds; one of the two
	BlockSize          int64
	MaxErrorRetries    int
	Connections        int // requests at a time
	MaxPendingRequests int // that wait for their turn
	ConnectionWait     time.Duration
}

// The sizes of blocks that Trino takes, and how many of them a blob has at most.
const (
	minBlockSize   = 4 << 20
	maxBlockSize   = 256 << 20
	maxAzureBlocks = 50_000
)

// ExchangeAzureTable lists the properties of exchange-manager.properties for base directories in Azure Blob Storage.
var ExchangeAzureTable = Table[ExchangeAzure]{
	Title: "exchange-manager.properties, for abfs:// and abfss://",
	Properties: []Property[ExchangeAzure]{
		{Name: "exchange.azure.connection-string", Secret: true, UsedBy: "exchange/store/azure",
			Value: Text(func(c *ExchangeAzure) *string { return &c.ConnectionString }, "", nil),
			Doc:   "Connection string of the storage account, with its key or a shared access signature. It or the endpoint must be set."},
		{Name: "exchange.azure.endpoint", UsedBy: "exchange/store/azure",
			Value: Text(func(c *ExchangeAzure) *string { return &c.Endpoint }, "an https: URL", checkAzureEndpoint),
			Doc: "URL of the storage account, such as https://ACCOUNT.blob.core.windows.net. Credentials come from the environment, the workload's or machine's " +
				"identity, or Azure's command line tools, in the order of Azure's default credential chain."},
		{Name: "exchange.azure.block-size", Default: "4MB", UsedBy: "exchange/store/azure",
			Value: SizeBetween(func(c *ExchangeAzure) *int64 { return &c.BlockSize }, minBlockSize, maxBlockSize),
			Doc:   "Objects up to this size are written by one request, larger ones in blocks of it. A writer holds up to three in memory."},
		{Name: "exchange.azure.max-error-retries", Default: "10", UsedBy: "exchange/store/azure",
			Value: Int(func(c *ExchangeAzure) *int { return &c.MaxErrorRetries }, 0, NoMax),
			Doc: "How often the SDK repeats a request that failed, each time after a longer pause, before it counts as a failure that is repeated by " +
				"`waterbear.exchange-*`."},
		{Name: "exchange.azure.max-connections", Default: "500", UsedBy: "exchange/store/azure",
			Value: Int(func(c *ExchangeAzure) *int { return &c.Connections }, 1, NoMax),
			Doc:   "Requests to the account that are under way at a time, in each process."},
		{Name: "exchange.azure.pending-acquire-max-count", Default: "1000", UsedBy: "exchange/store/azure",
			Value: Int(func(c *ExchangeAzure) *int { return &c.MaxPendingRequests }, 1, NoMax),
			Doc:   "Requests that may wait for one of these to end; those beyond fail."},
		{Name: "exchange.azure.connection-acquisition-timeout", Default: "1m", UsedBy: "exchange/store/azure",
			Value: Duration(func(c *ExchangeAzure) *time.Duration { return &c.ConnectionWait }, time.Millisecond),
			Doc:   "How long a request may wait for one of these to end."},
	},
}

// checkAzureEndpoint: credentials other than a key are tokens, which are only sent by https.
func checkAzureEndpoint(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("'%s' is no such URL", text)
	}
	return nil
}

// checkAzureDirectory says what is wrong with a base directory in Azure.
func checkAzureDirectory(dir string, u *url.URL) error {
	_, password := u.User.Password()
	if u.User.Username() == "" || password || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("'%s' is not of the form %s://container@account.dfs.core.windows.net/prefix", dir, u.Scheme)
	}
	return nil
}

// checkAzure holds the properties for Azure against each other and against where the exchange is.
func (c *Exchange) checkAzure() error {
	if c.Azure == nil {
		return nil
	}
	bad := func(property, format string, args ...any) error {
		return &PropertyError{Property: property, Msg: fmt.Sprintf(format, args...)}
	}
	if scheme := c.Scheme(); scheme != "abfs" && scheme != "abfss" {
		if *c.Azure != ExchangeAzureTable.Defaults(Host{}) {
			return bad("exchange.base-directories", "none of them is in Azure Blob Storage, but properties exchange.azure.* are set")
		}
		c.Azure = nil
		return nil
	}
	if (c.Azure.ConnectionString == "") == (c.Azure.Endpoint == "") {
		return bad("exchange.base-directories", "Exactly one of exchange.azure.endpoint or exchange.azure.connection-string must be provided")
	}
	if a, b, differ := c.twoAccounts(); differ {
		return bad("exchange.base-directories", "all of them must be in one account, but there are %s and %s", a, b)
	}
	if most := maxAzureBlocks * c.Azure.BlockSize; c.SinkMaxFileSize > most {
		return bad("exchange.sink-max-file-size", "with 'exchange.azure.block-size' %s objects have at most %s", FormatSize(c.Azure.BlockSize), FormatSize(most))
	}
	return nil
}

// twoAccounts finds two base directories of different accounts: only one of them could be reached, and the other would be
// taken for it.
func (c *Exchange) twoAccounts() (a, b string, differ bool) {
	for _, dir := range c.BaseDirectories {
		u, err := url.Parse(dir)
		switch {
		case err != nil: // it was found to be a URI before
		case a == "":
			a = u.Host
		case u.Host != a:
			return a, u.Host, true
		}
	}
	return a, "", false
}
