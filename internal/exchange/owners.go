package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// ownersPrefix is what the keys of marks begin with.
const ownersPrefix = "owners/"

// MarkEvery is how often a coordinator renews its mark. After silentMarks of that without one, it is not taken to be alive.
const (
	MarkEvery   = time.Minute
	silentMarks = 10
)

// OwnerMark is how a coordinator says in each base directory that what its queries have there is in use. Clusters can share a base
// directory without knowing of each other: whose a query is shows from the end of its id, and whether somebody cares for it from the
// mark.
type OwnerMark struct {
	Environment string `json:"environment"`
	Node        string `json:"node"`
	URL         string `json:"url"`
	// Suffix ends the ids of its queries, Ancestors those of queries that it has taken over or cleaned up after.
	Suffix    string   `json:"suffix"`
	Ancestors []string `json:"ancestors,omitempty"`
	// Seen is when the mark was written, by the coordinator's clock.
	Seen time.Time `json:"seen"`
}

func ownerKey(suffix string) string { return ownersPrefix + suffix + ".json" }

// Write writes or renews the mark.
func (m OwnerMark) Write(ctx context.Context, s store.Store) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return store.Put(ctx, s, ownerKey(m.Suffix), data, store.CreateOptions{})
}

// RemoveMark removes the mark of a coordinator that has left nothing.
func RemoveMark(ctx context.Context, s store.Store, suffix string) error {
	return store.Delete(ctx, s, ownerKey(suffix))
}

// RemoveMarks removes marks of coordinators for which another one cares, where there are any.
func RemoveMarks(ctx context.Context, s store.Store, suffixes []string) error {
	var keys []string
	err := s.List(ctx, ownersPrefix, func(o store.Object) error { keys = append(keys, o.Key); return nil })
	for _, suffix := range suffixes {
		if err == nil && slices.Contains(keys, ownerKey(suffix)) {
			err = RemoveMark(ctx, s, suffix)
		}
	}
	return err
}

// owns reports whether queries whose ids end so are the coordinator's, or have become its.
func (m OwnerMark) owns(suffix string) bool {
	return m.Suffix == suffix || slices.Contains(m.Ancestors, suffix)
}

// alive reports whether the coordinator has been there lately.
func (m OwnerMark) alive(now time.Time) bool { return now.Sub(m.Seen) < silentMarks*MarkEvery }

// ownerMarks reads all marks. One that cannot be understood counts as written now: perhaps a later version did.
func ownerMarks(ctx context.Context, s store.Store, now time.Time) (marks []OwnerMark, err error) {
	var keys []string
	if err := s.List(ctx, ownersPrefix, func(o store.Object) error { keys = append(keys, o.Key); return nil }); err != nil {
		return nil, err
	}
	for _, key := range keys {
		data, err := store.ReadAll(ctx, s, key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		suffix := strings.TrimSuffix(strings.TrimPrefix(key, ownersPrefix), ".json")
		m := OwnerMark{}
		if json.Unmarshal(data, &m) != nil || m.Suffix != suffix || m.Seen.IsZero() {
			m = OwnerMark{Suffix: suffix, Seen: now}
		}
		marks = append(marks, m)
	}
	return marks, nil
}
