// Package glue opens an AWS Glue Data Catalog as a catalog of Iceberg tables: iceberg-go's, with the client that Trino's properties describe. It
// is the only part of the connector that knows AWS.
package glue

import (
	"context"
	"errors"
	"iter"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/glue"
	"github.com/apache/iceberg-go/table"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Config says which catalog is meant and how it is reached. What is empty is what AWS has by default, or the environment says.
type Config struct {
	Region, Endpoint       string
	STSRegion, STSEndpoint string // of the service that is asked for the role
	Role, ExternalID       string
	AccessKey, SecretKey   string
	CatalogID              string
	Warehouse              string // where schemas lie that have no location
	Connections, Retries   int
	SkipArchive            bool // keep no earlier version of a table
}

// Open opens the catalog, and returns what closes it. The properties say where iceberg-go finds the files.
func Open(ctx context.Context, s Config, files iceberg.Properties) (catalog.Catalog, func() error, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxConnsPerHost, t.MaxIdleConnsPerHost, t.IdleConnTimeout = s.Connections, s.Connections, time.Minute
	})
	opts := []func(*awsconfig.LoadOptions) error{awsconfig.WithHTTPClient(client),
		awsconfig.WithRetryer(func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), s.Retries+1) })}
	if s.Region != "" {
		opts = append(opts, awsconfig.WithRegion(s.Region))
	}
	if s.AccessKey != "" {
		opts = append(opts, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(s.AccessKey, s.SecretKey, "")))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, nil, err
	}
	if s.Role != "" {
		asker := sts.NewFromConfig(cfg, func(o *sts.Options) {
			if s.STSRegion != "" {
				o.Region = s.STSRegion
			}
			if s.STSEndpoint != "" {
				o.BaseEndpoint = &s.STSEndpoint
			}
		})
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(asker, s.Role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "waterbear"
			if s.ExternalID != "" {
				o.ExternalID = &s.ExternalID
			}
		}))
	}
	if s.Endpoint != "" {
		cfg.BaseEndpoint = &s.Endpoint
	}
	props := glue.AwsProperties{glue.SkipArchive: strconv.FormatBool(s.SkipArchive)}
	maps.Copy(props, files)
	if s.CatalogID != "" {
		props[glue.CatalogIdKey] = s.CatalogID
	}
	cat, err := glue.NewCatalog(glue.WithAwsConfig(cfg), glue.WithAwsProperties(props))
	if err != nil {
		return nil, nil, err
	}
	return dataCatalog{cat}, cat.Close, nil
}

// dataCatalog is iceberg-go's. It knows tables of other kinds, of which iceberg-go has an error without a type.
type dataCatalog struct{ *glue.Catalog }

// ListTables lists the tables of a schema. One that is not there is ErrNoSuchNamespace, as in other catalogs.
func (g dataCatalog) ListTables(ctx context.Context, namespace table.Identifier) iter.Seq2[table.Identifier, error] {
	return func(yield func(table.Identifier, error) bool) {
		for ident, err := range g.Catalog.ListTables(ctx, namespace) {
			var missing *gluetypes.EntityNotFoundException
			if errors.As(err, &missing) {
				err = errors.Join(catalog.ErrNoSuchNamespace, err)
			}
			if !yield(ident, err) {
				return
			}
		}
	}
}

// LoadTable loads a table.
func (g dataCatalog) LoadTable(ctx context.Context, ident table.Identifier) (*table.Table, error) {
	t, err := g.Catalog.LoadTable(ctx, ident)
	if err != nil && (strings.HasSuffix(err.Error(), "is not an iceberg table") || strings.HasSuffix(err.Error(), "is not an EXTERNAL_TABLE")) {
		return nil, trinoerr.New(trinoerr.UnsupportedTableType, "Not an Iceberg table: %s", strings.Join(ident, "."))
	}
	return t, err
}
