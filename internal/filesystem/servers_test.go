//go:build e2e

package filesystem

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/test/servers"
)

// on runs the suite on a server, as a catalog uses it.
func on(t *testing.T, properties map[string]string, root string) {
	t.Helper()
	f := New(configured(t, properties), Options{Failed: trinoerr.HiveFilesystemError})
	defer f.Close()
	suite(t, f, root)
	p, _ := split(root)
	top := p.scheme + "://" + p.authority + "/"
	if err := f.DeleteDir(t.Context(), top); err == nil {
		t.Errorf("the root of the storage was deleted")
	}
}

func TestS3Server(t *testing.T) {
	for name, start := range servers.S3Servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			on(t, s.Catalog(), "s3://"+s.Bucket(t)+"/base/dir")
		})
	}
}

func TestAzureServer(t *testing.T) {
	t.Parallel()
	s := servers.Azurite(t)
	on(t, s.Catalog(), s.BaseDirectory(s.Bucket(t), "base/dir"))
}

func TestGCSServer(t *testing.T) {
	t.Parallel()
	s := servers.FakeGCS(t)
	on(t, s.Catalog(), "gs://"+s.Bucket(t)+"/base/dir")
}

func TestHDFSServer(t *testing.T) {
	t.Parallel()
	h := servers.HDFSCluster(t)
	on(t, h.Catalog(), "hdfs://"+servers.NameService+"/"+h.Bucket(t)+"/base")
}
