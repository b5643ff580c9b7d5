package servers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// Azure is a server that speaks the protocol of Azure Blob Storage.
type Azure struct {
	*Server
	// Account is the one it has, and ConnectionString reaches it.
	Account, ConnectionString string
}

// The account of every server, which is the one that Azurite's own documents use.
const (
	azureAccount = "devstoreaccount1"
	azureKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Azurite starts Azurite on a directory. Its table of blobs is written there every few seconds only, so that a server which is
// killed may forget what it was told last.
func Azurite(t testing.TB) *Azure {
	t.Helper()
	s := start(t, program{
		name: "azurite", ready: "/",
		args: func(s *Server) []string {
			// The SDK may be newer than the versions of the protocol that the server knows.
			return []string{"--blobHost", "127.0.0.1", "--blobPort", strconv.Itoa(s.port), "--location", s.Dir, "--silent", "--skipApiVersionCheck", "--disableTelemetry"}
		},
		env: func(*Server) []string { return []string{"AZURITE_ACCOUNTS=" + azureAccount + ":" + azureKey} },
	})
	return &Azure{Server: s, Account: azureAccount, ConnectionString: fmt.Sprintf(
		"DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;BlobEndpoint=%s/%[1]s", azureAccount, azureKey, s.URL)}
}

// Client returns a client of its own for a container, with the SDK's defaults.
func (a *Azure) Client(t testing.TB, name string) *container.Client {
	t.Helper()
	c, err := container.NewClientFromConnectionString(a.ConnectionString, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Bucket makes a container and returns its name.
func (a *Azure) Bucket(t testing.TB) string {
	t.Helper()
	name := "container-" + strings.ToLower(rand.Text()[:10])
	if _, err := a.Client(t, name).Create(context.Background(), nil); err != nil {
		t.Fatalf("make a container: %v", err)
	}
	return name
}

// Recreate deletes a container with all that is in it and makes an empty one of its name.
func (a *Azure) Recreate(t testing.TB, name string) {
	t.Helper()
	c := a.Client(t, name)
	if _, err := c.Delete(context.Background(), nil); err != nil {
		t.Fatalf("delete a container: %v", err)
	}
	if _, err := c.Create(context.Background(), nil); err != nil {
		t.Fatalf("make a container again: %v", err)
	}
}

// Keys are the names of a container's blobs.
func (a *Azure) Keys(t testing.TB, name string) []string {
	t.Helper()
	return a.names(t, name, false)
}

func (a *Azure) names(t testing.TB, name string, unfinished bool) (names []string) {
	t.Helper()
	p := a.Client(t, name).NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: container.ListBlobsInclude{UncommittedBlobs: unfinished}})
	for p.More() {
		page, err := p.NextPage(context.Background())
		if err != nil {
			t.Fatalf("list a container: %v", err)
		}
		for _, b := range page.Segment.BlobItems {
			names = append(names, *b.Name)
		}
	}
	return names
}

// Interrupt sends a part of an object and leaves it at that, as a process does that is killed.
func (a *Azure) Interrupt(t testing.TB, name, key string) {
	t.Helper()
	block := base64.StdEncoding.EncodeToString([]byte("block"))
	if _, err := a.Client(t, name).NewBlockBlobClient(key).StageBlock(context.Background(), block, streaming.NopCloser(strings.NewReader("part")), nil); err != nil {
		t.Fatalf("send a block: %v", err)
	}
}

// Interrupted are the names of blobs that have nothing, or nothing but blocks that belong to none.
func (a *Azure) Interrupted(t testing.TB, name string) (keys []string) {
	t.Helper()
	p := a.Client(t, name).NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: container.ListBlobsInclude{UncommittedBlobs: true}})
	for p.More() {
		page, err := p.NextPage(context.Background())
		if err != nil {
			t.Fatalf("list a container: %v", err)
		}
		for _, b := range page.Segment.BlobItems {
			if size := b.Properties.ContentLength; size == nil || *size == 0 {
				keys = append(keys, *b.Name)
			}
		}
	}
	return keys
}

// BaseDirectory is the URI of a prefix of a container.
func (a *Azure) BaseDirectory(name, prefix string) string {
	return "abfs://" + name + "@" + a.Account + ".dfs.core.windows.net/" + prefix
}

// Unfinished are the names of blobs of which there are only blocks that were sent.
func (a *Azure) Unfinished(t testing.TB, name string) []string {
	t.Helper()
	finished := a.Keys(t, name)
	return slices.DeleteFunc(a.names(t, name, true), func(name string) bool { return slices.Contains(finished, name) })
}

// Properties are those of exchange-manager.properties with which nodes use a prefix of a container.
func (a *Azure) Properties(name, prefix string) map[string]string {
	return map[string]string{
		"exchange-manager.name":            "filesystem",
		"exchange.base-directories":        a.BaseDirectory(name, prefix),
		"exchange.azure.connection-string": a.ConnectionString,
	}
}

// Catalog are the properties of a catalog with which its files can be in the server's containers.
func (a *Azure) Catalog() map[string]string {
	return map[string]string{"fs.native-azure.enabled": "true", "azure.endpoint": a.URL, "azure.auth-type": "ACCESS_KEY", "azure.access-key": azureKey}
}
