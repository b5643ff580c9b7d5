package servers

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// S3 is a server that speaks Amazon S3's protocol, with path style.
type S3 struct {
	*Server
	AccessKey, SecretKey, Region string
	// KMSKey is a key that the server encrypts objects with; empty: it has none.
	KMSKey string
}

// The credentials of every server.
const (
	s3User     = "waterbear"
	s3Password = "waterbear-secret"
	s3Region   = "eu-central-1"
	s3Key      = "exchange-key"
)

// S3Servers are the servers that a driver has to get on with, by name.
var S3Servers = map[string]func(t testing.TB) *S3{"versitygw": VersityGW, "minio": MinIO}

// VersityGW starts Versity S3 Gateway on a directory.
func VersityGW(t testing.TB) *S3 {
	t.Helper()
	return &S3{AccessKey: s3User, SecretKey: s3Password, Region: s3Region, Server: start(t, program{
		name: "versitygw", ready: "/",
		args: func(s *Server) []string {
			return []string{"--port", fmt.Sprintf("127.0.0.1:%d", s.port), "--region", s3Region, "--quiet", "--keep-alive", "posix", s.Dir}
		},
		env: func(*Server) []string { return []string{"ROOT_ACCESS_KEY=" + s3User, "ROOT_SECRET_KEY=" + s3Password} },
	})}
}

// MinIO starts MinIO on a directory.
func MinIO(t testing.TB) *S3 {
	t.Helper()
	return &S3{AccessKey: s3User, SecretKey: s3Password, Region: s3Region, KMSKey: s3Key, Server: start(t, program{
		name: "minio", ready: "/minio/health/ready",
		args: func(s *Server) []string {
			return []string{"server", "--quiet", "--address", fmt.Sprintf("127.0.0.1:%d", s.port), s.Dir}
		},
		env: func(*Server) []string {
			return []string{"MINIO_ROOT_USER=" + s3User, "MINIO_ROOT_PASSWORD=" + s3Password, "MINIO_REGION=" + s3Region, "MINIO_BROWSER=off",
				"MINIO_UPDATE=off", "MINIO_KMS_SECRET_KEY=" + s3Key + ":MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI="}
		},
	})}
}

// Client returns a client of its own, with the SDK's defaults.
func (s *S3) Client() *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: aws.String(s.URL), Region: s.Region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, "")})
}

// Bucket makes a bucket and returns its name.
func (s *S3) Bucket(t testing.TB) string {
	t.Helper()
	name := "bucket-" + strings.ToLower(rand.Text()[:10])
	if _, err := s.Client().CreateBucket(context.Background(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatalf("make a bucket: %v", err)
	}
	return name
}

// Keys are the keys of a bucket's objects.
func (s *S3) Keys(t testing.TB, bucket string) (keys []string) {
	t.Helper()
	p := s3.NewListObjectsV2Paginator(s.Client(), &s3.ListObjectsV2Input{Bucket: &bucket})
	for p.HasMorePages() {
		page, err := p.NextPage(context.Background())
		if err != nil {
			t.Fatalf("list a bucket: %v", err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys
}

// Recreate deletes a bucket with all that is in it and makes an empty one of its name.
func (s *S3) Recreate(t testing.TB, bucket string) {
	t.Helper()
	c, ctx := s.Client(), context.Background()
	for _, key := range s.Keys(t, bucket) {
		if _, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
			t.Fatalf("delete an object: %v", err)
		}
	}
	if _, err := c.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket}); err != nil {
		t.Fatalf("delete a bucket: %v", err)
	}
	if _, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatalf("make a bucket again: %v", err)
	}
}

// Interrupt begins to send an object in parts and leaves it at that, as a process does that is killed.
func (s *S3) Interrupt(t testing.TB, bucket, key string) {
	t.Helper()
	if _, err := s.Client().CreateMultipartUpload(context.Background(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key}); err != nil {
		t.Fatalf("begin an upload: %v", err)
	}
}

// Interrupted are the keys of objects that were begun and neither finished nor given up.
func (s *S3) Interrupted(t testing.TB, bucket string) (keys []string) {
	t.Helper()
	out, err := s.Client().ListMultipartUploads(context.Background(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil {
		t.Fatalf("list uploads: %v", err)
	}
	for _, u := range out.Uploads {
		keys = append(keys, aws.ToString(u.Key))
	}
	return keys
}

// Properties are those of exchange-manager.properties with which nodes use a prefix of a bucket.
func (s *S3) Properties(bucket, prefix string) map[string]string {
	return map[string]string{
		"exchange-manager.name":         "filesystem",
		"exchange.base-directories":     "s3://" + bucket + "/" + prefix,
		"exchange.s3.endpoint":          s.URL,
		"exchange.s3.region":            s.Region,
		"exchange.s3.path-style-access": "true",
		"exchange.s3.aws-access-key":    s.AccessKey,
		"exchange.s3.aws-secret-key":    s.SecretKey,
	}
}

// Catalog are the properties of a catalog with which its files can be in the server's buckets.
func (s *S3) Catalog() map[string]string {
	return map[string]string{
		"fs.native-s3.enabled":   "true",
		"s3.endpoint":            s.URL,
		"s3.region":              s.Region,
		"s3.path-style-access":   "true",
		"s3.aws-access-key":      s.AccessKey,
		"s3.aws-secret-key":      s.SecretKey,
		"s3.streaming.part-size": "5MB",
	}
}
