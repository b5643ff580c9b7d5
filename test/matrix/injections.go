package matrix

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/test/fault"
)

// Injection is a row of the table of injections: something that goes wrong, once or more often.
type Injection struct {
	What  string // in words
	Place Place
	// Fault is its name in the registry of package fault; empty: none.
	Fault string
	// First is the fault that brings about what Fault strikes: what is cancelled has to run, what is made again to have broken.
	First string
	// Anybody says that Fault strikes a call that is made for no query: whichever comes first.
	Anybody bool
	// Attempts is a pattern for the numbers of the attempts that it strikes: "0" unless said otherwise. Times is how often, 1
	// unless said otherwise.
	Attempts string
	Times    int
	// Large says that it needs a leaf with an output that is an object, Blobs that it needs tables in the coordinator's memory.
	Large, Blobs bool
	// Files says that it needs a commit that collects files.
	Files bool
	// Huge says that each output has to be an object, and be read on all workers.
	Huge bool
	// Base says that every statement meets it, Kinds that every kind of statement does; others are for those that meet all.
	Base, Kinds bool
	// Control says that every statement meets it under NONE as well.
	Control bool
	// Elsewhere says that of those that meet all only a statement that reads meets it here: the others meet it in another stage.
	Elsewhere bool
	// Only is the one statement that it is tried on.
	Only string
	// Alone says that it strikes a node, and so whatever else runs there.
	Alone bool
	// Outcomes are what has to come of it; a policy that is missing is not tried.
	Outcomes map[Policy]Outcome
	Do       Deed
}

// Deed is something done to a cluster once a fault has struck.
type Deed string

// The deeds.
const (
	NoDeed       Deed = ""
	KillWorker   Deed = "kill worker"   // of the attempt that the fault holds
	FreezeWorker Deed = "freeze worker" // until the statement has ended
	KillSlot     Deed = "kill slot"
	FreezeSlot   Deed = "freeze slot"
	CancelQuery  Deed = "cancel query" // of the attempt that the fault holds
	BreakStream  Deed = "break stream" // of the events of its worker
)

// tries is how often a statement is run until the fault strikes: the tasks of a huge one may all have been placed where what they
// read lies, as long as the other worker has something else to do, and a call for nobody in particular may come later.
func (in *Injection) tries() int {
	switch {
	case in.Huge:
		return 50
	case in.Anybody && in.Do == NoDeed:
		return 100
	}
	return 1
}

// Name identifies the injection.
func (in *Injection) Name() string {
	name := strings.ReplaceAll(in.What, " ", "-")
	if in.Place != Nowhere {
		name += "@" + string(in.Place)
	}
	return name
}

const injected = "This error is injected by the failure injection service"

// recovered is what comes of a failure that both policies make good.
func recovered(code, text string) map[Policy]Outcome {
	return map[Policy]Outcome{None: fails(code, text), Query: ok, Task: ok}
}

// fatal is what comes of a failure that nothing helps against.
func fatal(code, text string) map[Policy]Outcome {
	f := fails(code, text)
	return map[Policy]Outcome{None: f, Query: f, Task: f}
}

// unharmed is what comes of a failure that nobody notices.
var unharmed = map[Policy]Outcome{None: absorbed, Query: absorbed, Task: absorbed}

// Injections are the rows.
var Injections = slices.Concat([]Injection{
	{What: "no failure", Base: true, Outcomes: unharmed},
}, attempts(), calls(), commits(), processes())

// attempts are the failures of attempts, in the stages where they can happen.
func attempts() (out []Injection) {
	internal := recovered("GENERIC_INTERNAL_ERROR", injected)
	for _, place := range []Place{Leaf, Middle, Root} {
		out = append(out,
			Injection{What: "internal error", Place: place, Base: true, Control: true, Fault: "task-fails-internal", Outcomes: internal},
			Injection{What: "external error", Place: place, Kinds: true, Control: true, Fault: "task-fails-external", Outcomes: recovered("UNSUPPORTED_TABLE_TYPE", injected)},
			Injection{What: "insufficient resources", Place: place, Kinds: true, Control: true, Fault: "task-fails-resources", Outcomes: map[Policy]Outcome{
				None:  fails("EXCEEDED_LOCAL_MEMORY_LIMIT", injected),
				Query: fails("EXCEEDED_LOCAL_MEMORY_LIMIT", injected), // only the exhaustion of the whole cluster is worth another run
				Task:  ok}},
			Injection{What: "user error", Place: place, Base: place == Leaf, Kinds: true, Control: true, Fault: "task-fails-user", Outcomes: fatal("GENERIC_USER_ERROR", injected)},
			Injection{What: "internal error half-way", Place: place, Elsewhere: place != Leaf, Fault: "task-fails-half-way", Outcomes: internal},
			Injection{What: "internal error at the end", Place: place, Base: place == Root, Fault: "task-fails-after-write", Outcomes: internal},
			Injection{What: "slot crashes at the end", Place: place, Base: place == Root, Fault: "slot-crash-after-write", Outcomes: recovered("REMOTE_TASK_ERROR", "")},
			Injection{What: "later attempt fails too", Place: place, Kinds: true, Fault: "task-fails-internal", Attempts: "[01]", Times: 2,
				Outcomes: map[Policy]Outcome{None: fails("GENERIC_INTERNAL_ERROR", injected), Query: ok, Task: ok}},
			Injection{What: "all attempts fail", Place: place, Kinds: true, Fault: "task-fails-internal", Attempts: "*", Times: fault.Always, Outcomes: fatal("GENERIC_INTERNAL_ERROR", injected)},
		)
	}
	return out
}

// commits are the failures of the end of a write.
func commits() []Injection {
	return []Injection{
		{What: "commit fails before it begins", Place: Commit, Fault: "commit-fails-before", Outcomes: unharmed},
		{What: "commit fails with its files collected", Place: Commit, Base: true, Files: true, Fault: "commit-fails-inside", Outcomes: unharmed},
		{What: "commit is done and seems to have failed", Place: Commit, Base: true, Fault: "commit-fails-after", Outcomes: unharmed},
		{What: "commit never begins", Place: Commit, Base: true, Fault: "commit-fails-before", Times: fault.Always, Outcomes: fatal("GENERIC_INTERNAL_ERROR", injected)},
	}
}

// processes are the ends of processes, and of what they do.
func processes() []Injection {
	gone := recovered("REMOTE_HOST_GONE", "")
	return []Injection{
		{What: "slot is killed", Place: Middle, Fault: "task-held-before-run", Do: KillSlot, Outcomes: recovered("REMOTE_TASK_ERROR", "")},
		{What: "slot is killed", Place: Root, Fault: "task-held-before-run", Do: KillSlot, Outcomes: recovered("REMOTE_TASK_ERROR", "")},
		{What: "slot freezes", Place: Middle, Fault: "task-held-before-run", Do: FreezeSlot, Outcomes: recovered("REMOTE_TASK_ERROR", "silent")},
		{What: "worker is killed", Place: Leaf, Alone: true, Fault: "task-held-before-run", Do: KillWorker, Outcomes: gone},
		{What: "worker is killed", Place: Middle, Alone: true, Fault: "task-held-before-run", Do: KillWorker, Outcomes: gone},
		{What: "worker is killed", Place: Root, Alone: true, Fault: "task-held-after-write", Do: KillWorker, Outcomes: gone},
		{What: "worker freezes", Place: Root, Alone: true, Fault: "task-held-after-write", Do: FreezeWorker, Outcomes: gone},
	}
}
