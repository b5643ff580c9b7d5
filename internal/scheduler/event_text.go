package scheduler

import (
	"fmt"
	"strings"
)

// String returns the event as one line.
func (e NodeJoined) String() string {
	s := fmt.Sprintf("node-joined %s instance=%s mem=%d slots=%d", e.Node, e.Instance, e.MemBytes, e.Slots)
	if e.Host != "" {
		s += " host=" + e.Host
	}
	if e.Coordinator {
		s += " coordinator"
	}
	return s
}

// String returns the event as one line.
func (e NodeDraining) String() string { return fmt.Sprintf("node-draining %s", e.Node) }

// String returns the event as one line.
func (e NodeLost) String() string {
	return strings.TrimSpace(fmt.Sprintf("node-lost %s %s", e.Node, e.Instance))
}

// String returns the event as one line.
func (e NodeLeft) String() string {
	return strings.TrimSpace(fmt.Sprintf("node-left %s %s", e.Node, e.Instance))
}

// String returns the event as one line.
func (e QuerySubmitted) String() string {
	return fmt.Sprintf("query %s retry=%s %s", e.Query.ID, e.Query.Policy, stagesText(e.Query.Stages))
}

// String returns the event as one line.
func (e SplitsFound) String() string {
	s := fmt.Sprintf("splits-found %s.%d source=%d seen=%d splits=%d", e.Query, e.Stage, e.Source, e.Seen, len(e.Splits))
	if e.NoMore {
		s += " no-more"
	}
	return s
}

// String returns the event as one line.
func (e SplitsFailed) String() string {
	return fmt.Sprintf("splits-failed %s.%d source=%d seen=%d %s", e.Query, e.Stage, e.Source, e.Seen, e.Failure.Code)
}

// String returns the event as one line.
func (e TaskStarted) String() string { return "started " + e.Task.String() }

// String returns the event as one line.
func (e TaskFinished) String() string {
	s := fmt.Sprintf("finished %s rows=%v bytes=%v peak=%d output=%s", e.Task, e.Rows, e.Bytes, e.PeakMemory, e.Output)
	if e.Inline {
		s += " inline"
	}
	return s
}

// String returns the event as one line.
func (e TaskFailed) String() string {
	s := fmt.Sprintf("failed %s %s", e.Task, e.Failure.Code)
	if len(e.Lost) > 0 {
		s += fmt.Sprintf(" lost=%v", e.Lost)
	}
	return s
}

// String returns the event as one line.
func (e OutputLost) String() string { return fmt.Sprintf("output-lost %s.%s", e.Query, e.Output) }

// String returns the event as one line.
func (e Replanned) String() string {
	s := fmt.Sprintf("replanned %s version=%d", e.Query, e.Version)
	if e.Stages != nil {
		s += " " + stagesText(e.Stages)
	}
	return s
}

// String returns the event as one line.
func (e CancelQuery) String() string { return fmt.Sprintf("cancel %s", e.Query) }

// String returns the event as one line.
func (e FailQuery) String() string { return fmt.Sprintf("fail %s %s", e.Query, e.Failure.Code) }

// String returns the event as one line.
func (e ForgetQuery) String() string { return fmt.Sprintf("forget %s", e.Query) }

// String returns the event as one line.
func (e Tick) String() string { return fmt.Sprintf("tick %s", e.At) }

// stagesText prints a graph as scripts write it: stages=(0:scan, 1:hash<-0, 2:single<-1).
func stagesText(stages []Stage) string {
	var b strings.Builder
	b.WriteString("stages=(")
	for i := range stages {
		st := &stages[i]
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%d:%s", st.ID, st.Distribution)
		for j, in := range st.Inputs {
			sep := "+"
			if j == 0 {
				sep = "<-"
			}
			fmt.Fprintf(&b, "%s%d", sep, in.Stage)
			if in.Replicated {
				b.WriteString("r")
			}
			if in.Whole {
				b.WriteString("w")
			}
		}
	}
	b.WriteString(")")
	return b.String()
}
