package matrix

import (
	"strings"

	"github.com/waterbear-sql/waterbear/test/fault"
)

// Injection is a row of the table of injections: something that goes wrong, once or more often.
type Injection struct {
	What  string // in words
	Place Place
	// Fault is its name in the registry of package fault; empty: none.
	Fault string
	// Attempts is a pattern for the numbers of the attempts that it strikes: "0" unless said otherwise. Times is how often, 1
	// unless said otherwise.
	Attempts string
	Times    int
	// Large says that it needs a leaf with an output that is an object, Blobs that it needs tables in the coordinator's memory.
	Large, Blobs bool
	// Base says that every statement meets it; others are for those that meet all.
	Base bool
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
)

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
var Injections = append([]Injection{
	{What: "no failure", Base: true, Outcomes: unharmed},
}, attempts()...)

// attempts are the failures of attempts, in the stages where they can happen.
func attempts() (out []Injection) {
	internal := recovered("GENERIC_INTERNAL_ERROR", injected)
	for _, place := range []Place{Leaf, Middle, Root} {
		out = append(out,
			Injection{What: "internal error", Place: place, Base: true, Fault: "task-fails-internal", Outcomes: internal},
			Injection{What: "external error", Place: place, Fault: "task-fails-external", Outcomes: recovered("UNSUPPORTED_TABLE_TYPE", injected)},
			Injection{What: "insufficient resources", Place: place, Fault: "task-fails-resources", Outcomes: map[Policy]Outcome{
				None:  fails("EXCEEDED_LOCAL_MEMORY_LIMIT", injected),
				Query: fails("EXCEEDED_LOCAL_MEMORY_LIMIT", injected), // only the exhaustion of the whole cluster is worth another run
				Task:  ok}},
			Injection{What: "user error", Place: place, Base: place == Leaf, Fault: "task-fails-user", Outcomes: fatal("GENERIC_USER_ERROR", injected)},
			Injection{What: "internal error half-way", Place: place, Fault: "task-fails-half-way", Outcomes: internal},
			Injection{What: "internal error at the end", Place: place, Base: place == Root, Fault: "task-fails-after-write", Outcomes: internal},
			Injection{What: "slot crashes at the end", Place: place, Base: place == Root, Fault: "slot-crash-after-write", Outcomes: recovered("REMOTE_TASK_ERROR", "")},
			Injection{What: "later attempt fails too", Place: place, Fault: "task-fails-internal", Attempts: "[01]", Times: 2,
				Outcomes: map[Policy]Outcome{None: fails("GENERIC_INTERNAL_ERROR", injected), Query: ok, Task: ok}},
			Injection{What: "all attempts fail", Place: place, Fault: "task-fails-internal", Attempts: "*", Times: fault.Always, Outcomes: fatal("GENERIC_INTERNAL_ERROR", injected)},
		)
	}
	return out
}
