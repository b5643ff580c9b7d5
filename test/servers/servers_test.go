//go:build e2e

package servers

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// A server keeps its URL and its objects when it is killed and started again, and does not answer while it is paused.
func TestKillAndPause(t *testing.T) {
	for name, begin := range S3Servers {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			bucket := s.Bucket(t)
			if _, err := s.Client().PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("k")}); err != nil {
				t.Fatal(err)
			}
			s.Kill()
			if s.answers(t.Context()) {
				t.Error("it answers after its death")
			}
			s.Restart(t)
			if keys := s.Keys(t, bucket); len(keys) != 1 || keys[0] != "k" {
				t.Errorf("after a restart the bucket has %v", keys)
			}
			if err := s.Pause(); err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if s.answers(soon) {
				t.Error("it answers while it is paused")
			}
			if err := s.Resume(); err != nil {
				t.Fatal(err)
			}
			if keys := s.Keys(t, bucket); len(keys) != 1 {
				t.Errorf("after a pause the bucket has %v", keys)
			}
		})
	}
}
