package exchange

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Orphan is what a run of a query has left in a base directory, and for which nobody cares.
type Orphan struct {
	// Run is the query's id, with a number behind it when the query had begun anew.
	Run string
	// Objects and Bytes are how much it is. Interrupted says that there is, or may be, also what writers that were killed have left.
	Objects     int
	Bytes       int64
	Interrupted bool
	// Began is when the query did; Owner is who ran it, nil when that is not known.
	Began time.Time
	Owner *OwnerMark
	// Suffix is what all ids of queries of its coordinator end with.
	Suffix string
}

// Idle is since when nobody has cared: when the query began, or its coordinator was seen last.
func (o *Orphan) Idle() time.Time {
	if o.Owner != nil && o.Owner.Seen.After(o.Began) {
		return o.Owner.Seen
	}
	return o.Began
}

// OrphanRules say what is an orphan. A run is none whose coordinator, or one that has taken over from it, is alive.
type OrphanRules struct {
	Now time.Time
	// Age is how long nobody must have cared.
	Age time.Duration
	// Owner, when set, decides by who ran the query; without it runs of unknown coordinators are orphans too.
	Owner func(OwnerMark) bool
}

// runID is a run's name: the id of a query, which has the time of its beginning and ends as all those of its coordinator do.
var runID = regexp.MustCompile(`^([0-9]{8}_[0-9]{6})_[0-9]{5}_([a-z0-9]+)(-[0-9]+)?$`)

// RunSuffix returns the end that the ids of all queries of a coordinator have in common, and when the query began; ok is false for
// what is no run of a query.
func RunSuffix(run string) (suffix string, began time.Time, ok bool) {
	m := runID.FindStringSubmatch(run)
	if m == nil {
		return "", time.Time{}, false
	}
	began, err := time.Parse("20060102_150405", m[1])
	return m[2], began, err == nil
}

// FindRuns lists the runs of queries of which there is something in a store, by name. What is not named like a run is left out.
func FindRuns(ctx context.Context, s store.Store) ([]*Orphan, error) {
	runs := map[string]*Orphan{}
	find := func(key string) *Orphan {
		name, _, below := strings.Cut(key, "/")
		if o := runs[name]; o != nil && below {
			return o
		}
		o := &Orphan{Run: name}
		var ok bool
		if o.Suffix, o.Began, ok = RunSuffix(name); ok && below {
			runs[name] = o
		}
		return o // others are counted, and forgotten
	}
	err := s.List(ctx, "", func(e store.Object) error {
		o := find(e.Key)
		o.Objects++
		o.Bytes += e.Size
		return nil
	})
	if err == nil {
		err = store.Interrupted(ctx, s, func(key string) error {
			find(key).Interrupted = true
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(runs), func(a, b *Orphan) int { return cmp.Compare(a.Run, b.Run) }), nil
}

// FindOrphans lists the orphans in a store.
func FindOrphans(ctx context.Context, s store.Store, r OrphanRules) ([]*Orphan, error) {
	runs, err := FindRuns(ctx, s)
	if err != nil {
		return nil, err
	}
	marks, err := ownerMarks(ctx, s, r.Now) // after the runs: who begins in between is seen
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(runs, func(o *Orphan) bool { return !r.orphan(o, marks) }), nil
}

// orphan finds out whose a run is, and whether it is nobody's.
func (r OrphanRules) orphan(o *Orphan, marks []OwnerMark) bool {
	o.Owner = nil
	for _, m := range marks {
		if m.owns(o.Suffix) && (o.Owner == nil || m.Seen.After(o.Owner.Seen)) {
			o.Owner = &m
		}
	}
	switch {
	case o.Owner != nil && o.Owner.alive(r.Now), r.Now.Sub(o.Idle()) < r.Age:
		return false
	case r.Owner != nil:
		return o.Owner != nil && r.Owner(*o.Owner)
	}
	return true
}

// RemoveOrphans removes orphans that FindOrphans has found, unless somebody has come back to care for them, and the marks of coordinators
// that are dead for so long and have left nothing else. It returns how many runs it has removed.
func RemoveOrphans(ctx context.Context, s store.Store, r OrphanRules, orphans []*Orphan) (removed int, err error) {
	var failures []error
	for _, o := range orphans {
		marks, err := ownerMarks(ctx, s, r.Now)
		if err == nil && !r.orphan(o, marks) {
			continue
		}
		if err == nil {
			err = s.DeletePrefix(ctx, QueryPrefix(o.Run))
		}
		if err == nil {
			removed++
		} else {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if len(failures) == 0 {
		failures = append(failures, r.removeMarks(ctx, s))
	}
	return removed, errors.Join(failures...)
}

// removeMarks removes the marks of those who are dead and have left nothing.
func (r OrphanRules) removeMarks(ctx context.Context, s store.Store) error {
	marks, err := ownerMarks(ctx, s, r.Now)
	if err != nil {
		return err
	}
	runs, err := FindRuns(ctx, s)
	if err != nil {
		return err
	}
	for _, m := range marks {
		used := slices.ContainsFunc(runs, func(o *Orphan) bool { return m.owns(o.Suffix) })
		if used || m.alive(r.Now) || r.Now.Sub(m.Seen) < r.Age || r.Owner != nil && !r.Owner(m) {
			continue
		}
		if err := RemoveMark(ctx, s, m.Suffix); err != nil {
			return err
		}
	}
	return nil
}
