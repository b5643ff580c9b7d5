package servers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Lender gives out temporary credentials of a server, as machines in a cloud have them. They claim to be good for long, but when the
// lender renews them, those that he has lent are no more.
type Lender struct {
	// Env is what processes need in their environment to find him.
	Env string

	mu   sync.Mutex
	lent []string // access keys
	over []string // those that are no more
}

// NewLender starts a lender of the credentials of a server that has some, as MinIO has. It ends with the test.
func NewLender(t testing.TB, s *S3) *Lender {
	l := &Lender{}
	source := sts.New(sts.Options{BaseEndpoint: aws.String(s.URL), Region: s.Region, Credentials: credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, "")})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, err := l.lend(r.Context(), source)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(given) // to a client that may have gone
	}))
	t.Cleanup(server.Close)
	l.Env = "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + server.URL
	return l
}

// lend gets credentials, in the form in which clients want them.
func (l *Lender) lend(ctx context.Context, source *sts.Client) (map[string]string, error) {
	out, err := source.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::1:role/any"), RoleSessionName: aws.String("test")})
	if err != nil {
		return nil, err
	}
	key := aws.ToString(out.Credentials.AccessKeyId)
	l.mu.Lock()
	l.lent = append(l.lent, key)
	l.mu.Unlock()
	return map[string]string{"AccessKeyId": key, "SecretAccessKey": aws.ToString(out.Credentials.SecretAccessKey),
		"Token": aws.ToString(out.Credentials.SessionToken), "Expiration": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)}, nil
}

// Renew ends the credentials that were lent, and returns how often he was asked for some until then.
func (l *Lender) Renew() (lent int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = slices.Clone(l.lent)
	return len(l.lent)
}

// Lent is how often he was asked for credentials.
func (l *Lender) Lent() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lent)
}

// Rule refuses requests that are made with credentials that are no more.
func (l *Lender) Rule() Rule {
	return Rule{Name: "credentials that are no more", Fault: RefuseS3(http.StatusBadRequest, "ExpiredToken"), Match: func(r *http.Request) bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return slices.ContainsFunc(l.over, func(key string) bool { return strings.Contains(r.Header.Get("Authorization"), "="+key+"/") })
	}}
}
