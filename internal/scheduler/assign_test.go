package scheduler

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// hashText prints tasks as the sets of their exchange partitions, shared ones with ×.
func hashText(tasks []hashTask) string {
	var out []string
	for i := 0; i < len(tasks); i++ {
		text := strings.ReplaceAll(strings.Trim(fmt.Sprint(tasks[i].partitions), "[]"), " ", ",")
		if of := tasks[i].share.of; of > 0 {
			text += fmt.Sprintf("×%d", of)
			i += of - 1
		}
		out = append(out, "{"+text+"}")
	}
	return strings.Join(out, " ")
}

func TestAssignHash(t *testing.T) {
	tests := []struct {
		sizes    [][]int64
		target   int64
		minTasks int64
		floor    int64
		merge    bool
		bundles  []int
		ordered  bool
		want     string
	}{
		{sizes: [][]int64{{1, 1, 1}}, target: 3, merge: true, want: "{0,1,2}"},
		{sizes: [][]int64{{1, 1, 1}}, target: 1, merge: true, want: "{0} {1} {2}"},
		{sizes: [][]int64{{1, 1, 1}}, target: 1000, want: "{0} {1} {2}"},
		{sizes: [][]int64{{0, 0, 0}}, target: 1000, minTasks: 8, merge: true, want: "{0,1,2}"},
		{sizes: [][]int64{{50, 1, 1}}, target: 25, merge: true, bundles: []int{9}, want: "{0×3} {1,2}"},
		{sizes: [][]int64{{50, 1, 1}}, target: 25, merge: true, want: "{0} {1,2}"},
		{sizes: [][]int64{{50, 1, 1}}, target: 25, merge: true, bundles: []int{2}, want: "{0×2} {1,2}"}, // two bundles
		{sizes: [][]int64{{50, 1, 1}}, target: 25, merge: true, bundles: []int{1}, want: "{0} {1,2}"},
		{sizes: [][]int64{{50, 1, 1}}, target: 25, bundles: []int{9}, want: "{0×3} {1} {2}"},
		{sizes: [][]int64{{0, 0, 0, 60}}, target: 25, bundles: []int{9}, want: "{0} {1} {2} {3×3}"},
		{sizes: [][]int64{{5, 1, 1}}, target: 3, merge: true, bundles: []int{9}, want: "{0×2} {1,2}"},
		{sizes: [][]int64{{5, 1, 1}}, target: 3, merge: true, want: "{0} {1,2}"},
		{sizes: [][]int64{{50, 1, 1}, {2, 1, 1}}, target: 30, merge: true, bundles: []int{9, 9}, want: "{0×2} {1,2}"},
		{sizes: [][]int64{{50, 1, 1}, {2, 1, 1}}, target: 30, merge: true, bundles: []int{9, 0}, want: "{0×2} {1,2}"},
		{sizes: [][]int64{{50, 1, 1}, {2, 1, 1}}, target: 30, merge: true, bundles: []int{0, 9}, want: "{0} {1,2}"},
		// What is copied may be large beside a task, but not beside what is divided.
		{sizes: [][]int64{{500, 1, 1}, {20, 1, 1}}, target: 30, merge: true, bundles: []int{99, 0}, want: "{0×26} {1,2}"},
		{sizes: [][]int64{{500, 1, 1}, {50, 1, 1}}, target: 30, merge: true, bundles: []int{99, 0}, want: "{0×11} {1,2}"},
		{sizes: [][]int64{{100, 1, 1}, {50, 1, 1}}, target: 30, merge: true, bundles: []int{99, 0}, want: "{0} {1,2}"},
		{sizes: [][]int64{{10, 10, 10, 10, 10, 10, 10, 10}}, target: 50, merge: true, want: "{0,1,2,3,4} {5,6,7}"},
		{sizes: [][]int64{{10, 10, 10, 10, 10, 10, 10, 10}}, target: 50, minTasks: 4, merge: true, want: "{0,1} {2,3} {4,5} {6,7}"},
		{sizes: [][]int64{{1, 1, 10, 1, 1, 1, 1, 1}}, target: 50, merge: true, want: "{0,1,2,3,4,5,6,7}"},
		{sizes: [][]int64{{1, 1, 10, 1, 1, 1, 1, 1}}, target: 50, minTasks: 4, merge: true, want: "{0,1,3,4} {2} {5,6,7}"},
		{sizes: [][]int64{{10, 10}}, target: 50, merge: true, want: "{0,1}"},
		{sizes: [][]int64{{10, 10}}, target: 50, minTasks: 4, merge: true, want: "{0} {1}"},
		// Where nothing is known of the sizes Trino makes a task of every partition, empty ones too. Here they are always known.
		{sizes: [][]int64{make([]int64, 10)}, target: 1024, merge: true, want: "{0,1,2,3,4,5,6,7,8,9}"},
		// Small stages are not torn apart to keep nodes busy.
		{sizes: [][]int64{{10, 10}}, target: 50, minTasks: 4, floor: 32, merge: true, want: "{0,1}"},
		// Ranges of an order share a task only with their neighbours.
		{sizes: [][]int64{{1, 1, 10, 1, 1, 1, 1, 1}}, target: 50, minTasks: 4, merge: true, ordered: true, want: "{0,1} {2} {3,4,5,6} {7}"},
		{sizes: [][]int64{{0, 0, 90, 0, 0}}, target: 25, merge: true, ordered: true, want: "{0,1} {2} {3,4}"},
	}
	for _, tt := range tests {
		in := hashInput{sizes: tt.sizes, target: tt.target, minTasks: tt.minTasks, floor: tt.floor, merge: tt.merge, bundles: tt.bundles, ordered: tt.ordered}
		for i := range tt.sizes {
			in.inputs = append(in.inputs, i)
		}
		if in.bundles == nil {
			in.bundles = make([]int, len(tt.sizes))
		}
		if got := hashText(assignHash(in)); got != tt.want {
			t.Errorf("sizes %v target %d min %d merge %t: got %s, want %s", tt.sizes, tt.target, tt.minTasks, tt.merge, got, tt.want)
		}
	}
}

func TestHashMaxTasks(t *testing.T) {
	sizes := make([]int64, 100)
	for i := range sizes {
		sizes[i] = 10
	}
	in := hashInput{sizes: [][]int64{sizes}, bundles: []int{0}, inputs: []int{0}, target: 10, maxTasks: 7, merge: true}
	if n := len(assignHash(in)); n > 8 {
		t.Errorf("%d tasks", n)
	}
}

func newTestAssigner(set *Settings) *arbitraryAssigner {
	return newArbitraryAssigner(&stage{q: &query{settings: *set}})
}

func nowhere(string) bool { return false }

// The target is a multiple of the smallest one, the nearest to what it has grown to.
func TestArbitraryRounding(t *testing.T) {
	for _, tt := range []struct {
		target TargetSize
		want   []int64 // after each period
	}{
		{TargetSize{Min: 100, Max: 1000, GrowthPeriod: 1, GrowthFactor: 1.26}, []int64{100, 100, 200, 200, 300, 300, 400, 500, 600, 800, 1000, 1000, 1000}},
		{TargetSize{Min: 100, Max: 240, GrowthPeriod: 2, GrowthFactor: 2}, []int64{100, 100, 200, 200, 200, 200, 200}},
		{TargetSize{Min: 100, Max: 1000, GrowthFactor: 2}, []int64{100, 100, 100}}, // no period: it stays
	} {
		set := DefaultSettings()
		set.Compute = tt.target
		a := newTestAssigner(&set)
		got := []int64{a.rounded}
		for len(got) < len(tt.want) {
			a.grow()
			got = append(got, a.rounded)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.target, got, tt.want)
		}
	}
}

// Splits go to a task near their data, of several hosts the one without a task, else the one with least to read. Those that can be
// read in some places only share a task with their like.
func TestArbitraryHosts(t *testing.T) {
	at := func(hosts string, pinned bool, bytes int64) Split {
		return Split{Bytes: bytes, Hosts: strings.Fields(hosts), Pinned: pinned}
	}
	tests := []struct {
		name   string
		splits []Split
		want   []string // hosts of the tasks, and how many splits each has
	}{
		{"nothing", nil, []string{"anywhere 0"}},
		{"no host", []Split{at("", false, 40), at("", false, 40), at("", false, 40)}, []string{"anywhere 2", "anywhere 1"}},
		{"unknown host", []Split{at("x", false, 10), at("", false, 10)}, []string{"anywhere 2"}},
		{"one host each", []Split{at("a", false, 10), at("b", false, 10), at("a", false, 10)}, []string{"near a 2", "near b 1"}},
		{"the host without a task", []Split{at("a", false, 10), at("a b", false, 10)}, []string{"near a 1", "near b 1"}},
		{"the least loaded host", []Split{at("a", false, 50), at("b", false, 20), at("a b", false, 10)}, []string{"near a 1", "near b 2"}},
		{"pinned", []Split{at("a b", true, 10), at("a", false, 10), at("a b", true, 10), at("x", true, 10)}, []string{"at [a b] 2", "near a 1", "at [x] 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set := DefaultSettings()
			set.Compute, set.SpreadMinSize = TargetSize{Min: 100, Max: 100}, 0
			a := newTestAssigner(&set)
			for _, s := range tt.splits {
				a.addSplit(s, func(h string) bool { return h != "x" })
			}
			var got []string
			for _, w := range a.take(true, 4) {
				where := "anywhere"
				switch {
				case w.hosts != nil:
					where = fmt.Sprint("at ", w.hosts)
				case w.host != "":
					where = "near " + w.host
				}
				got = append(got, fmt.Sprint(where, " ", len(w.splits)))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The target grows with the number of full tasks: 512MB for the first 128, 1GB from the 129th, 1.5GB from the 257th.
func TestArbitraryGrowth(t *testing.T) {
	set := DefaultSettings()
	set.SpreadMinSize = 0
	a := newTestAssigner(&set)
	for i := range 20000 {
		a.addSplit(Split{ID: fmt.Sprint(i), Bytes: 64 * mib}, nowhere)
	}
	for i, w := range a.take(true, 4) {
		want := 8
		switch {
		case i >= 320:
			continue
		case i >= 256:
			want = 24
		case i >= 128:
			want = 16
		}
		if len(w.splits) != want {
			t.Fatalf("task %d has %d splits, want %d", i, len(w.splits), want)
		}
	}
}

// Every split and every bundle lands in exactly one task, no task exceeds the size or the count unless it has one unit, splits of one
// placement only are mixed, every task reads all of a replicated input, and nothing is left open.
func TestArbitraryRandom(t *testing.T) {
	hosts := []string{"a", "b", "c"}
	for seed := range int64(200) {
		rng := rand.New(rand.NewSource(seed))
		set := DefaultSettings()
		set.Compute = TargetSize{Min: 100, Max: 100}
		set.MaxTaskSplitCount = 1 + rng.Intn(5)
		set.SpreadMinSize = int64(rng.Intn(2)) * 20
		const replicated, partitioned = 0, 1
		a := newArbitraryAssigner(&stage{q: &query{settings: set}, Stage: Stage{Inputs: []Input{{Stage: 1, Replicated: true}, {Stage: 2}}}})
		bundles := make([]int64, rng.Intn(20))
		for i := range bundles {
			bundles[i] = rng.Int63n(150)
			a.add(unit{input: partitioned, bundle: i, bytes: bundles[i]})
		}
		n := rng.Intn(60)
		var tasks []work
		for i := range n {
			s := Split{ID: fmt.Sprint(i), Bytes: 1 + rng.Int63n(150)}
			if rng.Intn(2) == 0 {
				s.Hosts = hosts[:1+rng.Intn(3)]
				s.Pinned = rng.Intn(3) == 0
			}
			a.addSplit(s, func(h string) bool { return h != "c" })
			if rng.Intn(5) == 0 {
				tasks = append(tasks, a.take(false, 3)...)
			}
		}
		tasks = append(tasks, a.take(true, 3)...)
		seen := map[string]int{}
		for _, w := range tasks {
			var size int64
			for _, s := range w.splits {
				seen[s.ID]++
				size += s.Bytes
				if s.Pinned && !slices.Equal(s.Hosts, w.hosts) {
					t.Fatalf("seed %d: split pinned to %v is in a task of %v", seed, s.Hosts, w.hosts)
				}
				if w.host != "" && !slices.Contains(s.Hosts, w.host) {
					t.Fatalf("seed %d: split at %v is in a task for %s", seed, s.Hosts, w.host)
				}
			}
			for _, b := range w.bundles[partitioned] {
				seen[fmt.Sprint("bundle ", b)]++
				size += bundles[b]
			}
			if w.bundles[replicated] != nil {
				t.Fatalf("seed %d: a task reads only %v of the replicated input", seed, w.bundles[replicated])
			}
			if units := len(w.splits) + len(w.bundles[partitioned]); units > 1 && (size > 100 || units > set.MaxTaskSplitCount) {
				t.Fatalf("seed %d: task of %d bytes in %d units", seed, size, units)
			}
		}
		if len(a.open)+len(a.full)+len(a.pending) > 0 {
			t.Fatalf("seed %d: something is left open", seed)
		}
		if want := n + len(bundles); len(seen) != want {
			t.Fatalf("seed %d: %d of %d splits and bundles are assigned", seed, len(seen), want)
		}
		for id, c := range seen {
			if c != 1 {
				t.Fatalf("seed %d: %s is assigned %d times", seed, id, c)
			}
		}
		if n+len(bundles) == 0 && len(tasks) != 1 {
			t.Fatalf("seed %d: %d tasks for no splits", seed, len(tasks))
		}
	}
}

// When everything is known at once, small inputs are spread over the slots, in tasks worth having.
func TestArbitrarySpread(t *testing.T) {
	tests := []struct {
		splits, slots, want int
	}{
		{1, 8, 1},
		{4, 8, 4},  // each split is of the smallest size
		{16, 4, 4}, // four per slot
		{64, 4, 8}, // enough for every slot: Trino's size
		{128, 2, 16},
	}
	for _, tt := range tests {
		set := DefaultSettings()
		a := newTestAssigner(&set)
		for i := range tt.splits {
			a.addSplit(Split{ID: fmt.Sprint(i), Bytes: 64 * mib}, nowhere)
		}
		if got := len(a.take(true, tt.slots)); got != tt.want {
			t.Errorf("%d splits on %d slots: %d tasks, want %d", tt.splits, tt.slots, got, tt.want)
		}
	}
}
