package store

import (
	"net/url"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Bucket splits a URI such as s3://bucket/prefix into a bucket and the prefix of its keys, which is empty or ends with a slash.
func Bucket(uri *url.URL, scheme string) (bucket, prefix string, err error) {
	if uri.Scheme != scheme || uri.Host == "" || uri.User != nil || uri.RawQuery != "" || uri.Fragment != "" || uri.Port() != "" {
		return "", "", trinoerr.New(trinoerr.ConfigurationInvalid, "not a bucket and a prefix: %s", uri.Redacted())
	}
	prefix = strings.Trim(uri.Path, "/")
	if prefix != "" {
		prefix += "/"
	}
	return uri.Host, prefix, nil
}

// BucketURI is the URI that Bucket splits so.
func BucketURI(scheme, bucket, prefix string) string {
	return (&url.URL{Scheme: scheme, Host: bucket, Path: "/" + prefix}).String()
}
