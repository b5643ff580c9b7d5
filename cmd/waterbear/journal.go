package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/coordinator"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/rpc"
)

// noJournal, as the place of the journal, turns it off.
const noJournal = "none"

// findJournal says where this coordinator writes its journal, and with what the keys in it are wrapped; nil: nowhere.
//
// A place that is configured may be shared by coordinators, of which one writes and the others stand by. The default is this
// node's alone: in the exchange where the outputs of TASK queries outlive the node too, else in the node's data directory.
func findJournal(cfg *config.Config, stores *store.Registry) (*coordinator.JournalConfig, rpc.Secret, error) {
	secret := rpc.Secret(cfg.Server.ClusterSecret)
	if secret == "" {
		secret = rpc.Secret(cfg.Server.SharedSecret)
	}
	switch place := cfg.Resources.Journal; {
	case place == noJournal:
		return nil, "", nil
	case place != "":
		if secret == "" && cfg.Spooling.Encrypt && !within(cfg.Node.DataDir, place) {
			return nil, "", &config.PropertyError{Property: "waterbear.journal", Msg: "the keys of queries would lie in it unwrapped: " +
				"set waterbear.cluster-secret or internal-communication.shared-secret, or external-exchange-encryption-enabled=false"}
		}
		st, err := stores.Driver(context.Background(), place)
		if err != nil {
			return nil, "", fmt.Errorf("waterbear.journal: %w", err)
		}
		return &coordinator.JournalConfig{Store: st, Prefix: "journal-", Shared: true}, secret, nil
	}
	if x := cfg.Exchange; x != nil && secret != "" && slices.Contains(cfg.Session.AllowedRetryPolicies, config.RetryTask) {
		prefix := "journal/" + cfg.Node.Environment + "/" + cfg.Node.ID + "/"
		if store.CheckPrefix(prefix) == nil {
			st, err := stores.Driver(context.Background(), x.BaseDirectories[0])
			if err != nil {
				return nil, "", fmt.Errorf("exchange.base-directories: %w", err)
			}
			return &coordinator.JournalConfig{Store: st, Prefix: prefix}, secret, nil
		}
	}
	st, err := local.New(filepath.Join(cfg.Node.DataDir, "journal"))
	if err == nil && secret == "" {
		secret, err = ownSecret(filepath.Join(cfg.Node.DataDir, "journal-secret"))
	}
	if err != nil {
		return nil, "", fmt.Errorf("journal in node.data-dir: %w", err)
	}
	return &coordinator.JournalConfig{Store: st, Prefix: "journal-"}, secret, nil
}

// within reports whether a place is a directory below another.
func within(dir, place string) bool {
	rel, err := filepath.Rel(dir, strings.TrimPrefix(place, "file://"))
	return err == nil && filepath.IsLocal(rel)
}

// ownSecret reads the secret of a node that was given none, or makes one up.
func ownSecret(file string) (rpc.Secret, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		text = []byte(rand.Text())
		err = os.WriteFile(file, text, 0o600)
	}
	return rpc.Secret(text), err
}
