package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/s3"
)

// probeTimeout bounds how long a base directory may take to be tried out when a node starts.
const probeTimeout = 2 * time.Minute

// storageOpeners are the drivers of the exchange storage that is configured, by scheme.
func storageOpeners(x *config.Exchange) map[string]store.Opener {
	if x == nil || x.S3 == nil {
		return nil
	}
	return map[string]store.Opener{"s3": s3.Opener(s3Config(x.S3))}
}

func s3Config(c *config.ExchangeS3) s3.Config {
	return s3.Config{AccessKey: c.AccessKey, SecretKey: c.SecretKey, IAMRole: c.IAMRole, ExternalID: c.ExternalID, Region: c.Region, Endpoint: c.Endpoint,
		PathStyle: c.PathStyle, MaxErrorRetries: c.MaxErrorRetries, Adaptive: c.RetryMode != config.S3Standard, PartSize: c.PartSize,
		StorageClass: string(c.StorageClass), Connections: c.Connections, Waiting: c.MaxPendingRequests, WaitTimeout: c.ConnectionWait,
		Encryption: s3.Encryption(c.Encryption), KMSKeyID: c.KMSKeyID}
}

// probeStorage tries out the base directories of the exchange, so that a wrong bucket, key or permission shows when the node
// starts and not in the middle of a query. Those of a coordinator may hold its journal, which needs more.
func probeStorage(ctx context.Context, cfg *config.Config) error {
	if cfg.Exchange == nil {
		return nil
	}
	stores := openStores(cfg, "")
	defer stores.Close()
	for n, base := range cfg.Exchange.BaseDirectories {
		if slices.Contains(cfg.Exchange.BaseDirectories[:n], base) {
			continue
		}
		if err := probe(ctx, stores, base, cfg.Server.Coordinator && n == 0); err != nil {
			return fmt.Errorf("exchange.base-directories: %s: %w", base, err)
		}
	}
	return nil
}

func probe(ctx context.Context, stores *store.Registry, base string, exclusive bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, fmt.Errorf("nothing came for %s", probeTimeout))
	defer cancel()
	s, err := stores.Driver(ctx, base)
	if err != nil {
		return err
	}
	return store.Probe(ctx, s, exclusive)
}
