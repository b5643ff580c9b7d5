package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/azure"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/gcs"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/hdfs"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/s3"
)

// probeTimeout bounds how long a base directory may take to be tried out when a node starts.
const probeTimeout = 2 * time.Minute

// How often a base directory is tried out that fails, and how long later again. The SDK's own repetitions take minutes.
const (
	probeTries = 3
	probePause = time.Second
)

// storageOpeners are the drivers of the exchange storage that is configured, by scheme.
func storageOpeners(x *config.Exchange) map[string]store.Opener {
	openers := map[string]store.Opener{}
	if x != nil && x.S3 != nil {
		openers["s3"] = s3.Opener(s3Config(x.S3))
	}
	if x != nil && x.Azure != nil {
		open := azure.Opener(azureConfig(x.Azure))
		for _, scheme := range azure.Schemes {
			openers[scheme] = open
		}
	}
	if x != nil && x.GCS != nil {
		openers["gs"] = gcs.Opener(gcsConfig(x.GCS))
	}
	if x != nil && x.HDFS != nil {
		openers[hdfs.Scheme] = hdfs.Opener(hdfsConfig(x.HDFS))
	}
	return openers
}

func azureConfig(c *config.ExchangeAzure) azure.Config {
	return azure.Config{ConnectionString: c.ConnectionString, Endpoint: c.Endpoint, MaxErrorRetries: c.MaxErrorRetries, BlockSize: c.BlockSize,
		Connections: c.Connections, Waiting: c.MaxPendingRequests, WaitTimeout: c.ConnectionWait}
}

func gcsConfig(c *config.ExchangeGCS) gcs.Config {
	return gcs.Config{KeyFile: c.KeyFile, Key: c.Key, Endpoint: c.Endpoint, MaxErrorRetries: c.MaxErrorRetries, Adaptive: c.Adaptive, PartSize: c.PartSize,
		KMSKey: c.KMSKeyID, Connections: c.Connections, Waiting: c.MaxPendingRequests, WaitTimeout: c.ConnectionWait}
}

func hdfsConfig(c *config.ExchangeHDFS) hdfs.Config {
	out := hdfs.Config{Resources: c.Resources, BlockSize: c.BlockSize, User: os.Getenv("HADOOP_USER_NAME")}
	if c.Authentication == config.HDFSKerberos {
		out.Kerberos = &hdfs.Kerberos{Principal: c.Principal, Keytab: c.Keytab, CredentialCache: c.CredentialCache, Config: c.KerberosConfig}
	}
	if u, err := user.Current(); err == nil && out.User == "" {
		out.User = u.Username
	}
	return out
}

func s3Config(c *config.ExchangeS3) s3.Config {
	return s3.Config{AccessKey: c.AccessKey, SecretKey: c.SecretKey, IAMRole: c.IAMRole, ExternalID: c.ExternalID, Region: c.Region, Endpoint: c.Endpoint,
		PathStyle: c.PathStyle, MaxErrorRetries: c.MaxErrorRetries, Adaptive: c.RetryMode != config.S3Standard, PartSize: c.PartSize,
		StorageClass: string(c.StorageClass), Connections: c.Connections, Waiting: c.MaxPendingRequests, WaitTimeout: c.ConnectionWait,
		Encryption: s3.Encryption(c.Encryption), KMSKeyID: c.KMSKeyID}
}

// probeStorage tries out the base directories of the exchange, so that a wrong bucket, key or permission shows when the node
// starts and not in the middle of a query. What may hold a coordinator's journal needs more.
func probeStorage(ctx context.Context, cfg *config.Config) error {
	stores := openStores(hasty(cfg), "")
	defer stores.Close()
	if x := cfg.Exchange; x != nil {
		for n, base := range x.BaseDirectories {
			if err := probe(ctx, stores, base, cfg.Server.Coordinator && n == 0); err != nil {
				return fmt.Errorf("exchange.base-directories: %s: %w", base, err)
			}
		}
	}
	if j := cfg.Resources.Journal; cfg.Server.Coordinator && strings.Contains(j, "://") {
		if err := probe(ctx, stores, j, true); err != nil {
			return fmt.Errorf("waterbear.journal: %s: %w", j, err)
		}
	}
	return nil
}

// hasty is the configuration without the SDK's repetitions: who starts a node wants to know soon.
func hasty(cfg *config.Config) *config.Config {
	if cfg.Exchange == nil {
		return cfg
	}
	c, x := *cfg, *cfg.Exchange
	c.Exchange = &x
	if x.S3 != nil {
		s := *x.S3
		s.MaxErrorRetries, x.S3 = 0, &s
	}
	if x.Azure != nil {
		a := *x.Azure
		a.MaxErrorRetries, x.Azure = 0, &a
	}
	if x.GCS != nil {
		g := *x.GCS
		g.MaxErrorRetries, x.GCS = 0, &g
	}
	return &c
}

func probe(ctx context.Context, stores *store.Registry, base string, exclusive bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, fmt.Errorf("nothing came for %s", probeTimeout))
	defer cancel()
	s, err := stores.Driver(ctx, base)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err = store.Probe(ctx, s, exclusive); err == nil || n == probeTries || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(probePause):
		}
	}
}
