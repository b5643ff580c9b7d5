package main

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/direct"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/faulty"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/retry"
	"github.com/waterbear-sql/waterbear/internal/rpc"
)

// bundleDir is where a worker keeps outputs when there is no exchange storage.
func bundleDir(cfg *config.Config) string { return filepath.Join(cfg.Node.DataDir, "bundles") }

// openStores are the stores that this process can reach; ownURL is that of the worker on whose disk it may write.
func openStores(cfg *config.Config, ownURL string) *store.Registry {
	secret := rpc.Secret(cfg.Server.SharedSecret)
	remote := direct.Opener(http.DefaultClient, secret.Sign)
	openers := map[string]store.Opener{
		"":     local.Open,
		"file": local.Open,
		"http": func(ctx context.Context, u *url.URL) (store.Store, error) {
			if ownURL != "" && u.String() == ownURL {
				disk, err := local.New(bundleDir(cfg))
				if err != nil {
					return nil, err
				}
				return direct.Own(disk, ownURL), nil
			}
			return remote(ctx, u)
		},
	}
	maps.Copy(openers, storageOpeners(cfg.Exchange))
	return &store.Registry{Wrap: wrapStore(cfg), Openers: openers}
}

// wrapStore puts around a store what makes up for its failures, and beneath that the points at which tests let it fail.
func wrapStore(cfg *config.Config) func(store.Store) store.Store {
	c := cfg.Communication
	tries := retry.Config{MaxError: c.ExchangeMaxError, ReadTimeout: c.ExchangeReadTimeout, WriteTimeout: c.ExchangeWriteTimeout,
		Concurrent: c.ExchangeConcurrent, Hedge: c.ExchangeHedge, Log: packageLogger(os.Stderr, cfg.Log, "exchange")}
	faults := openFaults(cfg)
	listings := exchange.NewListings(50)
	if cfg.Exchange != nil {
		listings = exchange.NewListings(cfg.Exchange.ConcurrentEnumerates)
	}
	return func(s store.Store) store.Store {
		if faults != nil {
			s = faulty.Wrap(s, func(ctx context.Context, point, key string) error {
				return faults.Reach(ctx, point, rpc.TaskOfKey(path.Dir(key)))
			})
		}
		tries := tries
		if strings.HasPrefix(s.URI(), "http:") {
			tries.Peer = retry.Worker
		}
		return listings.Limit(retry.New(s, tries))
	}
}
