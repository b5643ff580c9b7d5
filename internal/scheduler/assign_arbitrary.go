package scheduler

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// arbitraryAssigner divides splits and bundles among the tasks of an Arbitrary stage: tasks are filled one after the
// other (one open task per placement) up to a target size that grows with the number of tasks.
type arbitraryAssigner struct {
	set    *Settings
	target TargetSize
	inputs []Input
	spread bool // may make tasks smaller than target.Min to use idle nodes

	grouped      []Split // splits of groups, until all have come
	pending      []unit  // what has come before the first target was decided
	pendingBytes int64
	decided      bool

	open    []*openTask // in order of opening
	full    []work
	made    int     // tasks made so far
	filled  int     // tasks closed because they were full
	grown   float64 // the target before rounding
	rounded int64   // the target
}

// unit is what goes to one task as a whole: a split, a group of splits, or one bundle of an input.
type unit struct {
	splits []Split
	input  int
	bundle int
	bytes  int64
	hosts  []string // where it is read best
	pinned bool
}

// count is how many splits a unit is; a bundle counts as one.
func (u *unit) count() int { return max(len(u.splits), 1) }

// openTask is a task that still takes units.
type openTask struct {
	key   string
	work  work
	bytes int64
	count int
}

func newArbitraryAssigner(st *stage) *arbitraryAssigner {
	set := &st.q.settings
	a := &arbitraryAssigner{set: set, target: set.Compute, inputs: st.Inputs, spread: set.SpreadMinSize > 0 && !st.eager()}
	if st.Writer {
		a.target, a.spread = set.Write, false
	}
	a.target.Min = max(a.target.Min, 1)
	a.grown, a.rounded = float64(a.target.Min), a.target.Min
	return a
}

// addSplit adds a split. Hosts at which there is no node (known tells) do not matter, unless it must be read there.
func (a *arbitraryAssigner) addSplit(s Split, known func(host string) bool) {
	if s.Group != 0 {
		a.grouped = append(a.grouped, s)
		return
	}
	u := unit{splits: []Split{s}, bytes: a.set.sizeOf(&s), pinned: s.Pinned}
	for _, h := range s.Hosts {
		if s.Pinned || known(h) {
			u.hosts = append(u.hosts, h)
		}
	}
	a.add(u)
}

// addGroups adds the groups of splits, of which all have come. Where they are read makes no difference: the scans of a stage have
// their splits at different places.
func (a *arbitraryAssigner) addGroups() {
	slices.SortStableFunc(a.grouped, func(s, t Split) int { return cmp.Compare(s.Group, t.Group) })
	for len(a.grouped) > 0 {
		group := a.grouped[0].Group
		end := slices.IndexFunc(a.grouped, func(s Split) bool { return s.Group != group })
		if end < 0 {
			end = len(a.grouped)
		}
		u := unit{splits: slices.Clone(a.grouped[:end])}
		for i := range u.splits {
			u.bytes += a.set.sizeOf(&u.splits[i])
		}
		a.add(u)
		a.grouped = a.grouped[end:]
	}
	a.grouped = nil
}

// sizeOf is the size that a split counts as.
func (s *Settings) sizeOf(split *Split) int64 {
	if split.Bytes <= 0 {
		return s.StandardSplitSize
	}
	return split.Bytes
}

// addBundles adds the outputs of the partitioned inputs that have been finished, one that is being made again too.
func (a *arbitraryAssigner) addBundles(st *stage) {
	for i, in := range st.Inputs {
		if in.Replicated {
			continue
		}
		for _, p := range st.producer(i).parts {
			if p.counted && !p.dropped() {
				o, _ := p.output()
				a.add(unit{input: i, bundle: p.n, bytes: o.Bytes})
			}
		}
	}
}

func (a *arbitraryAssigner) add(u unit) {
	if a.decided {
		a.place(u)
		return
	}
	a.pending = append(a.pending, u)
	a.pendingBytes += u.bytes
}

// take returns the tasks that are complete. ended says that no more units come; slots is how many tasks the cluster
// runs at a time.
//
// Until there is enough for every slot nothing is complete: if the input ends before that, it is divided evenly among
// the slots, in tasks of at least SpreadMinSize.
func (a *arbitraryAssigner) take(ended bool, slots int) []work {
	if ended {
		a.addGroups()
	}
	if !a.decided {
		slots = max(slots, 1)
		switch {
		case !a.spread, a.pendingBytes/int64(slots) >= a.target.Min:
		case ended:
			share := (a.pendingBytes + int64(slots) - 1) / int64(slots)
			a.rounded = min(max(share, a.set.SpreadMinSize), a.target.Min)
			a.target.GrowthPeriod = 0
		default:
			return nil
		}
		a.decided = true
		for _, u := range a.pending {
			a.place(u)
		}
		a.pending = nil
	}
	if ended {
		for _, t := range a.open {
			a.close(t)
		}
		a.open = nil
		if a.made == 0 {
			a.close(a.newTask("", unit{}))
		}
	}
	done := a.full
	a.full = nil
	return done
}

// place puts the unit into the open task of its placement, closing that first if it is full.
func (a *arbitraryAssigner) place(u unit) {
	key := a.placement(&u)
	i := slices.IndexFunc(a.open, func(t *openTask) bool { return t.key == key })
	if i >= 0 {
		t := a.open[i]
		if t.bytes+u.bytes > a.rounded || t.count+u.count() > max(a.set.MaxTaskSplitCount, 1) {
			a.close(t)
			a.open = slices.Delete(a.open, i, i+1)
			a.grow()
			i = -1
		}
	}
	if i < 0 {
		a.open = append(a.open, a.newTask(key, u))
		i = len(a.open) - 1
	}
	t := a.open[i]
	t.bytes += u.bytes
	t.count += u.count()
	if u.splits != nil {
		t.work.splits = append(t.work.splits, u.splits...)
	} else {
		t.work.bundles[u.input] = append(t.work.bundles[u.input], u.bundle)
	}
}

// placement returns the key of the unit's open task: of several hosts the one without an open task, else the least
// loaded. u.hosts is narrowed accordingly.
func (a *arbitraryAssigner) placement(u *unit) string {
	if len(u.hosts) == 0 {
		return ""
	}
	if u.pinned {
		return "!" + strings.Join(u.hosts, ",")
	}
	best, bestBytes := "", int64(math.MaxInt64)
	for _, h := range u.hosts {
		load := int64(-1)
		if i := slices.IndexFunc(a.open, func(t *openTask) bool { return t.key == h }); i >= 0 {
			load = a.open[i].bytes
		}
		if load < bestBytes {
			best, bestBytes = h, load
		}
	}
	u.hosts = []string{best}
	return best
}

func (a *arbitraryAssigner) newTask(key string, u unit) *openTask {
	t := &openTask{key: key}
	t.work.bundles = make([][]int, len(a.inputs))
	for i, in := range a.inputs {
		if !in.Replicated {
			t.work.bundles[i] = []int{} // nothing so far; nil would be everything
		}
	}
	if u.pinned {
		t.work.hosts = u.hosts
	} else if len(u.hosts) > 0 {
		t.work.host = u.hosts[0]
	}
	return t
}

func (a *arbitraryAssigner) close(t *openTask) {
	for _, list := range t.work.bundles {
		slices.Sort(list) // outputs may have come in any order
	}
	a.full = append(a.full, t.work)
	a.made++
}

// grow raises the target after every GrowthPeriod tasks that were closed as full.
func (a *arbitraryAssigner) grow() {
	a.filled++
	if a.target.GrowthPeriod <= 0 || a.filled%a.target.GrowthPeriod != 0 {
		return
	}
	a.grown = min(float64(a.target.Max), math.Ceil(a.grown*a.target.GrowthFactor))
	a.rounded = int64(math.Round(a.grown/float64(a.target.Min))) * a.target.Min
}
