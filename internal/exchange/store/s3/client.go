package s3

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/transport"
)

// roleSession is the name under which a role's use is logged, as Trino gives it.
const roleSession = "trino-exchange"

// anyRegion signs requests to servers that are not Amazon's and to which nobody gave a region.
const anyRegion = "us-east-1"

// flag is something that has turned out to be so.
type flag = atomic.Bool

// newClient makes a client for one bucket. It sends nothing yet.
func newClient(ctx context.Context, cfg Config) (*client, error) {
	var options []func(*config.LoadOptions) error
	if cfg.Region != "" {
		options = append(options, config.WithRegion(strings.ToLower(cfg.Region)))
	}
	if cfg.AccessKey != "" {
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(cfg.AccessKey, cfg.SecretKey, "")))
	}
	base, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, err
	}
	if base.Region == "" {
		if cfg.Endpoint == "" {
			return nil, fmt.Errorf("neither a region nor an endpoint is set")
		}
		base.Region = anyRegion
	}
	if cfg.IAMRole != "" {
		base.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(newSTS(cfg, base), cfg.IAMRole, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = cmp.Or(cfg.RoleSession, roleSession)
			if cfg.ExternalID != "" {
				o.ExternalID = aws.String(cfg.ExternalID)
			}
		}))
	}
	connections := transport.New()
	transport.Adjust(connections, cfg.ConnectTimeout, cfg.IdleTime)
	queue := transport.NewQueue(connections, transport.Limits{Requests: cfg.Connections, Waiting: cfg.Waiting, WaitTimeout: cfg.WaitTimeout,
		WaitingProperty: cfg.names().Waiting, TimeoutProperty: cfg.names().WaitTimeout})
	retryer := newRetryer(cfg)
	renew := func() {}
	if c, ok := base.Credentials.(*aws.CredentialsCache); ok {
		renew = c.Invalidate
	}
	return &client{closeIdle: connections.CloseIdleConnections, renew: renew, Client: s3.NewFromConfig(base, func(o *s3.Options) {
		o.HTTPClient = &http.Client{Transport: queue, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		o.UsePathStyle = cfg.PathStyle
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
		}
		o.Retryer, o.RetryMaxAttempts = retryer, 0 // what the environment says about retries is not for the exchange
		o.AppID = cfg.ApplicationID
		if cfg.RequesterPays {
			o.APIOptions = append(o.APIOptions, smithyhttp.AddHeaderValue("x-amz-request-payer", string(types.RequestPayerRequester)))
		}
		// Many servers do not know the newer checksums, and bundles have their own.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})}, nil
}

// newSTS is the client that asks for the credentials of a role.
func newSTS(cfg Config, base aws.Config) *sts.Client {
	return sts.NewFromConfig(base, func(o *sts.Options) {
		if cfg.STSEndpoint != "" {
			o.BaseEndpoint = aws.String(cfg.STSEndpoint)
		}
		if cfg.STSRegion != "" {
			o.Region = strings.ToLower(cfg.STSRegion)
		}
	})
}

// newRetryer repeats what the SDK takes for passing, and a conditional write that met another one.
func newRetryer(cfg Config) aws.Retryer {
	standard := func(o *retry.StandardOptions) {
		o.MaxAttempts = cfg.MaxErrorRetries + 1
		o.Backoff = retry.BackoffDelayerFunc(func(n int, _ error) (time.Duration, error) { return transport.Pause(n), nil })
		o.Retryables = append(o.Retryables, retry.RetryableErrorCode{Codes: map[string]struct{}{codeConflict: {}}})
	}
	if cfg.Adaptive {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, standard) })
	}
	return retry.NewStandard(standard)
}
