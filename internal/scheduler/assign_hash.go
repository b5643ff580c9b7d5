package scheduler

import "math"

// hashInput is what the division of a Hash stage into tasks depends on.
type hashInput struct {
	sizes    [][]int64 // per source, bytes per exchange partition
	bundles  []int     // per source: how many bundles have each partition of it, if several tasks may share them; else 0
	inputs   []int     // per source, its index in the stage's inputs
	target   int64     // bytes per task
	minTasks int64
	maxTasks int64 // 0: unlimited
	floor    int64 // minTasks never makes the target smaller than this
	merge    bool  // small partitions may share a task
	ordered  bool  // only neighbours may
}

// hashTask is one task of a Hash stage.
type hashTask struct {
	partitions []int
	share      share
	bytes      int64
	fixed      bool // takes no further partitions
}

// hashInput gathers the measured sizes of the stage's partitioned inputs.
func (s *State) hashInput(st *stage) hashInput {
	set := &st.q.settings
	// Writers are not told apart here as in Trino, where a task of many partitions has a writer open for each: a task of ours
	// writes what comes, partition by partition or not, and few large files are better than many small ones.
	in := hashInput{target: set.HashComputeTargetSize, floor: set.HashMinTaskSize, merge: true, ordered: st.Ordered}
	ratio := set.HashComputeNodeRatio
	if st.Writer {
		in.target, ratio, in.maxTasks = set.HashWriteTargetSize, set.HashWriteNodeRatio, int64(set.HashWriteMaxTasks)
	}
	in.minTasks = int64(math.Round(ratio * float64(s.workers())))
	for i, edge := range st.Inputs {
		if !edge.Replicated {
			in.sizes = append(in.sizes, st.producer(i).bytes)
			in.bundles = append(in.bundles, st.sharedBundles(i))
			in.inputs = append(in.inputs, i)
		}
	}
	return in
}

// sharedBundles is among how many tasks at most a partition of an input may be divided: a bundle is read by one of them.
func (st *stage) sharedBundles(input int) int {
	n := 0
	for _, o := range st.producer(input).parts {
		if st.ScaleWriters && !st.Inputs[input].Whole && !o.dropped() {
			n++
		}
	}
	return n
}

// assignHash divides exchange partitions among tasks: each goes to the smallest task so far if it fits, else to a
// new one; one far above the target is shared by several tasks if it may be. Ordered ones go to the last task. Every partition is assigned, empty ones
// too.
func assignHash(in hashInput) []hashTask {
	sizes := make([]int64, len(in.sizes[0]))
	var total int64
	for _, source := range in.sizes {
		for p, n := range source {
			sizes[p] += n
			total += n
		}
	}
	target := hashTarget(in, total)
	var tasks []hashTask
	for p, size := range sizes {
		if size > target {
			if n, source := in.shares(p, size, target); n > 1 {
				for i := range n {
					tasks = append(tasks, hashTask{partitions: []int{p}, share: share{in.inputs[source], i, n}, fixed: true})
				}
				continue
			}
		}
		smallest := -1
		if in.ordered {
			smallest = len(tasks) - 1
		}
		for i := range tasks {
			if !in.ordered && !tasks[i].fixed && (smallest < 0 || tasks[i].bytes < tasks[smallest].bytes) {
				smallest = i
			}
		}
		if in.merge && smallest >= 0 && tasks[smallest].bytes+size <= target {
			tasks[smallest].partitions = append(tasks[smallest].partitions, p)
			tasks[smallest].bytes += size
			continue
		}
		tasks = append(tasks, hashTask{partitions: []int{p}, bytes: size})
	}
	return tasks
}

// hashTarget adapts the target size to the limits of the number of tasks.
func hashTarget(in hashInput, total int64) int64 {
	target := max(in.target, 1)
	if in.maxTasks > 0 && total/target > in.maxTasks {
		target = (total + in.maxTasks - 1) / in.maxTasks
	}
	if in.minTasks > 0 && total/target < in.minTasks {
		target = max(total/in.minTasks, min(in.floor, target), 1)
	}
	return target
}

// worthCopying is how many times larger than all other sources together a source has to be to be divided although they are too large to
// be copied for nothing.
const worthCopying = 4

// shares returns how many tasks share partition p, and which source they divide; the others are copied to each. That
// is worth it if what is copied is small: beside what a task may read, or else beside what is divided, and then each task gets at
// least as much of its own as is copied for it.
func (in *hashInput) shares(p int, size, target int64) (n, source int) {
	for i := range in.sizes {
		if in.sizes[i][p] > in.sizes[source][p] {
			source = i
		}
	}
	largest := in.sizes[source][p]
	rest := size - largest
	if in.bundles[source] == 0 || rest > target/4 && rest > largest/worthCopying {
		return 1, source
	}
	return min(int(largest/max(target-rest, rest, 1))+1, in.bundles[source]), source
}
