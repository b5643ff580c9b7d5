package exchange

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// put writes objects of no interest.
func put(t *testing.T, s store.Store, keys ...string) {
	t.Helper()
	for _, k := range keys {
		if err := store.Put(ctx, s, k, []byte("12345"), store.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func runs(orphans []*Orphan) (out []string) {
	for _, o := range orphans {
		out = append(out, o.Run)
	}
	return out
}

// Two clusters share a base directory, and a third one is dead: only what is the dead one's, or nobody's, is an orphan.
func TestOrphans(t *testing.T) {
	s := open(t)
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	const (
		living    = "20260301_120000_00001_alive"
		inherited = "20260301_120000_00001_older-3"
		dead      = "20260301_120000_00001_deadd"
		recent    = "20260304_113000_00002_deadd"
		unknown   = "20260301_120000_00001_nobdy"
	)
	put(t, s, living+"/0/0.0/0.bundle", inherited+"/0/0.0/0.bundle", dead+"/0/0.0/0.bundle", dead+"/0/0.0/1.bundle", recent+"/0/0.0/0.bundle", unknown+"/1/0.0/0.bundle",
		"journal/prod/c/00001", "probe-x/object", "20260301_120000_00001/foreign", "data/of/others", "20260301_120000_00009_deadd")
	for _, m := range []OwnerMark{
		{Environment: "prod", Suffix: "alive", Ancestors: []string{"older", "other"}, Seen: now.Add(-silentMarks*MarkEvery + time.Second)},
		{Environment: "prod", Suffix: "deadd", Seen: now.Add(-25 * time.Hour)},
		{Environment: "prod", Suffix: "empty", Seen: now.Add(-25 * time.Hour)},
		{Environment: "test", Suffix: "tests", Seen: now.Add(-25 * time.Hour)},
	} {
		if err := m.Write(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, ownersPrefix+"later.json") // by a version that writes otherwise
	prod := func(m OwnerMark) bool { return m.Environment == "prod" }
	for _, tt := range []struct {
		name  string
		rules OrphanRules
		want  []string
	}{
		{"nothing is old enough", OrphanRules{Now: now, Age: 100 * time.Hour}, nil},
		{"of the dead, since a day", OrphanRules{Now: now, Age: 24 * time.Hour}, []string{dead, unknown}},
		{"the mark counts, not the query", OrphanRules{Now: now, Age: 26 * time.Hour}, []string{unknown}},
		{"of any age", OrphanRules{Now: now}, []string{dead, unknown, recent}},
		{"known ones", OrphanRules{Now: now, Age: time.Hour, Owner: prod}, []string{dead}},
		{"others' alone", OrphanRules{Now: now, Owner: func(m OwnerMark) bool { return m.Environment == "test" }}, nil},
		{"when all are dead", OrphanRules{Now: now.Add(time.Hour), Age: time.Hour / 2, Owner: prod}, []string{living, inherited, dead, recent}},
	} {
		got, err := FindOrphans(ctx, s, tt.rules)
		slices.Sort(tt.want)
		if err != nil || !slices.Equal(runs(got), tt.want) {
			t.Errorf("%s: %v, %v; want %v", tt.name, runs(got), err, tt.want)
		}
	}
	rules := OrphanRules{Now: now, Age: 24 * time.Hour, Owner: prod}
	found, err := FindOrphans(ctx, s, rules)
	if err != nil || len(found) != 1 || found[0].Objects != 2 || found[0].Bytes != 10 || found[0].Owner.Suffix != "deadd" {
		t.Fatalf("%v, %v", found, err)
	}
	if n, err := RemoveOrphans(ctx, s, rules, found); n != 1 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	var left []string
	if err := s.List(ctx, "", func(o store.Object) error { left = append(left, o.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []string{living + "/0/0.0/0.bundle", inherited + "/0/0.0/0.bundle", recent + "/0/0.0/0.bundle", unknown + "/1/0.0/0.bundle", "20260301_120000_00001/foreign",
		"20260301_120000_00009_deadd", "data/of/others", "journal/prod/c/00001", "probe-x/object",
		ownersPrefix + "alive.json", ownersPrefix + "deadd.json", ownersPrefix + "later.json", ownersPrefix + "tests.json"}
	slices.Sort(want)
	if slices.Sort(left); !slices.Equal(left, want) {
		t.Errorf("left:\n%v\nwant:\n%v", left, want)
	}
}

// An owner that comes back between the search and the removal keeps what is its.
func TestOrphansComeBack(t *testing.T) {
	s := open(t)
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	put(t, s, "20260301_120000_00001_deadd/0/0.0/0.bundle")
	rules := OrphanRules{Now: now, Age: time.Hour}
	found, err := FindOrphans(ctx, s, rules)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := (OwnerMark{Suffix: "newer", Ancestors: []string{"deadd"}, Seen: now}).Write(ctx, s); err != nil {
		t.Fatal(err)
	}
	if n, err := RemoveOrphans(ctx, s, rules, found); n != 0 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	if _, err := store.ReadAll(ctx, s, "20260301_120000_00001_deadd/0/0.0/0.bundle"); err != nil {
		t.Error(err)
	}
}

// A writer that was killed leaves no object, but something all the same.
func TestOrphansOfKilledWriters(t *testing.T) {
	s := open(t)
	w, err := s.Create(ctx, "20260301_120000_00001_deadd/0/0.0/0.bundle", store.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	rules := OrphanRules{Now: time.Now(), Age: time.Hour}
	found, err := FindOrphans(ctx, wrapped{s}, rules)
	if err != nil || len(found) != 1 || !found[0].Interrupted || found[0].Objects != 0 {
		t.Fatal(found, err)
	}
	if n, err := RemoveOrphans(ctx, s, rules, found); n != 1 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	if found, err := FindOrphans(ctx, s, rules); err != nil || len(found) != 0 {
		t.Error(found, err)
	}
}

// wrapped is a store with something around it.
type wrapped struct{ store.Store }

func (w wrapped) Unwrap() store.Store { return w.Store }

func TestOrphansOfStorageThatFails(t *testing.T) {
	if found, err := FindOrphans(ctx, away{open(t)}, OrphanRules{Now: time.Now()}); !errors.Is(err, errAway) || found != nil {
		t.Error(found, err)
	}
}

type away struct{ store.Store }

var errAway = errors.New("away")

// List implements store.Store.
func (away) List(context.Context, string, func(store.Object) error) error { return errAway }
