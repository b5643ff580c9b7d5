package matrix

import "github.com/waterbear-sql/waterbear/test/fault"

// gaveUp is what is said of a worker that has been asked in vain for too long.
const gaveUp = "Encountered too many errors talking to a worker node"

// hows are the ways in which a call goes wrong, as faults are named and in words.
var hows = []struct{ fault, words string }{
	{"fails", "is refused"}, {"hangs", "hangs"}, {"dropped", "breaks"}, {"unanswered", "is not answered"},
}

// calls are the failures of calls between processes: every procedure that nodes serve, each in every way.
func calls() []Injection {
	return append(append(append(starts(), cancels()...), events()...), reads()...)
}

// starts are the failures of the start of an attempt.
func starts() (out []Injection) {
	for _, place := range []Place{Leaf, Middle, Root} {
		out = append(out,
			Injection{What: "start refused", Place: place, Base: place == Leaf, Fault: "call-start-fails", Outcomes: recovered("REMOTE_TASK_ERROR", injected)},
			Injection{What: "start hangs", Place: place, Base: place == Root, Fault: "call-start-hangs", Times: fault.Always,
				Outcomes: recovered("TOO_MANY_REQUESTS_FAILED", gaveUp)},
			Injection{What: "start's connection breaks", Place: place, Elsewhere: place != Root, Fault: "call-start-dropped", Outcomes: unharmed},
			Injection{What: "start's answer is lost", Place: place, Elsewhere: place != Root, Fault: "call-start-unanswered", Outcomes: unharmed})
	}
	return out
}

// cancels are the failures of the cancellation of an attempt, which runs until it hears of it.
func cancels() (out []Injection) {
	for _, how := range hows {
		for _, place := range []Place{Leaf, Middle, Root} {
			out = append(out, Injection{What: "cancellation " + how.words, Place: place, Elsewhere: place != Leaf, First: "task-held-before-run", Do: CancelQuery,
				Fault: "call-cancel-" + how.fault, Outcomes: fatal("USER_CANCELED", "")})
		}
		out = append(out, Injection{What: "cancellation of a start that hangs " + how.words, Place: Leaf, Elsewhere: true, First: "call-start-hangs", Times: fault.Always,
			Fault: "call-cancel-" + how.fault, Outcomes: recovered("TOO_MANY_REQUESTS_FAILED", gaveUp)})
	}
	return out
}

// events are the failures of what workers tell the coordinator, and of its answers. All queries depend on these calls, and none
// notices that one went wrong.
func events() (out []Injection) {
	for _, how := range hows {
		for _, place := range []Place{Leaf, Middle, Root} {
			in := Injection{What: "event " + how.words, Place: place, Elsewhere: place != Root, Fault: "call-event-" + how.fault, Outcomes: unharmed}
			if how.fault == "hangs" { // and with it all that the worker says
				in.Alone, in.Outcomes = true, recovered("REMOTE_HOST_GONE", "")
			}
			out = append(out, in)
		}
	}
	const only = "SELECT join"
	for _, how := range hows[:3] { // what is streamed is the answer
		in := Injection{What: "stream of events " + how.words, Place: Leaf, Only: only, First: "task-held-before-run", Do: BreakStream, Anybody: true, Fault: "call-events-" + how.fault, Outcomes: unharmed}
		if how.fault == "hangs" {
			in.Alone, in.Outcomes = true, recovered("REMOTE_HOST_GONE", "")
		}
		out = append(out, in)
	}
	for _, how := range hows {
		out = append(out,
			Injection{What: "acknowledgement of events " + how.words, Place: Node, Only: only, Anybody: true, Fault: "call-acknowledge-" + how.fault, Outcomes: unharmed},
			Injection{What: "registration " + how.words, Place: Node, Only: only, Anybody: true, Fault: "call-register-" + how.fault, Outcomes: unharmed},
			Injection{What: "deletion of outputs " + how.words, Place: Node, Only: only, Fault: "call-delete-outputs-" + how.fault,
				Outcomes: map[Policy]Outcome{None: absorbed, Query: absorbed}})
	}
	return out
}

// reads are the failures of reading outputs, from workers under NONE and QUERY and from the spool under TASK, and of writing to
// the coordinator's memory. What goes wrong once is repeated, and what always does is made anew.
func reads() (out []Injection) {
	for _, how := range []struct {
		fault, words string
	}{{"fails", "is refused"}, {"dropped", "breaks"}, {"hangs", "hangs"}, {"breaks-off", "breaks off"}, {"stalls", "stalls"}} {
		out = append(out,
			Injection{What: "output's read " + how.words + " once", Place: Leaf, Huge: true, Control: true, Fault: "call-bundle-" + how.fault,
				Outcomes: map[Policy]Outcome{None: absorbed, Query: absorbed}},
			Injection{What: "output's read always " + how.words, Place: Leaf, Huge: true, Control: true, Fault: "call-bundle-" + how.fault, Times: fault.Always,
				Outcomes: map[Policy]Outcome{None: fails("PAGE_TRANSPORT_TIMEOUT", gaveUp), Query: ok}},
			Injection{What: "spool's read " + how.words + " once", Place: Leaf, Large: true, Base: how.fault == "fails", Fault: "before-fetch-" + how.fault,
				Outcomes: map[Policy]Outcome{Task: absorbed}},
			Injection{What: "spool's read always " + how.words, Place: Leaf, Large: true, Base: how.fault == "hangs", Fault: "before-fetch-" + how.fault, Times: fault.Always,
				Outcomes: map[Policy]Outcome{Task: ok}})
	}
	return append(out,
		Injection{What: "upload refused", Place: Root, Blobs: true, Base: true, Fault: "call-blob-fails", Outcomes: recovered("REMOTE_TASK_ERROR", injected)},
		Injection{What: "upload breaks", Place: Root, Blobs: true, Fault: "call-blob-dropped", Outcomes: recovered("PAGE_TRANSPORT_ERROR", "")},
		Injection{What: "upload hangs", Place: Root, Blobs: true, Fault: "call-blob-hangs", Outcomes: recovered("PAGE_TRANSPORT_ERROR", "")},
		Injection{What: "upload's answer is lost", Place: Root, Blobs: true, Fault: "call-blob-unanswered", Outcomes: recovered("PAGE_TRANSPORT_ERROR", "")})
}
