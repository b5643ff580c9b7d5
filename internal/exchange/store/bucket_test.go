package store

import (
	"net/url"
	"testing"
)

func TestBucket(t *testing.T) {
	for text, want := range map[string]string{
		"s3://b": "b ", "s3://b/": "b ", "s3://b/a/c": "b a/c/", "s3://b_1/a//": "b_1 a/", "s3://b.c/a%20c/": "b.c a c/",
		"s3:///a": "", "s3://b:1/a": "", "s3://u:p@b": "", "s3://b?x=1": "", "gs://b": "", "s3://b#f": "",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		bucket, prefix, err := Bucket(u, "s3")
		if got := bucket + " " + prefix; err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
		if err != nil {
			continue
		}
		again, err := url.Parse(BucketURI("s3", bucket, prefix))
		if err != nil {
			t.Fatal(err)
		}
		if b, p, err := Bucket(again, "s3"); b != bucket || p != prefix || err != nil {
			t.Errorf("%s becomes %s, which is %s and %s (%v)", text, again, b, p, err)
		}
	}
}
