package scheduler

import (
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Failure is an error as plain data: Trino's identity of it, and where it happened.
type Failure struct {
	Code  string // Trino's name, e.g. DIVISION_BY_ZERO
	Type  trinoerr.Type
	Fatal bool // never retried although the type would allow it
	// Deterministic says that the error comes again wherever the task runs.
	Deterministic bool `json:",omitempty"`
	Message       string
	Task          *TaskID `json:",omitempty"` // the attempt that failed, if one did
	Node          NodeID  `json:",omitempty"` // where it ran
}

// FailureOf returns err as plain data; an error without an identity counts as GENERIC_INTERNAL_ERROR.
func FailureOf(err error) Failure {
	e := trinoerr.From(err)
	return Failure{Code: e.Code.Name, Type: e.Code.Type, Fatal: e.Code.Fatal, Deterministic: e.Deterministic, Message: e.Error()}
}

// failure returns a Failure of one of Trino's codes.
func failure(code *trinoerr.Code, message string) Failure {
	return Failure{Code: code.Name, Type: code.Type, Fatal: code.Fatal, Message: message}
}

// String returns "CODE: message".
func (f Failure) String() string { return f.Code + ": " + f.Message }

// retryable reports whether another attempt of a task may succeed (policy TASK).
func (f Failure) retryable() bool { return f.rule().Task }

// restartable reports whether another run of the whole query may succeed (policy QUERY): running out of a task's
// own resources is final, because the next run would get the same.
func (f Failure) restartable() bool { return f.rule().Query }

// delayed reports whether the next attempt of the task waits.
func (f Failure) delayed() bool { return f.rule().Delayed }

// outOfMemory reports whether the next attempt needs more memory.
func (f Failure) outOfMemory() bool { return f.rule().Memory }

// workerCrash reports whether the failure looks like the end of the worker's process.
func (f Failure) workerCrash() bool { return f.rule().Crash }

// Trino's wording (io.trino.util.Failures).
const (
	nodeCrashed     = "The node may have crashed or be under too much load. This is probably a transient issue, so please retry your query in a few minutes."
	workerNodeError = "Encountered too many errors talking to a worker node. " + nodeCrashed
	workerRestarted = "A worker node running your query has restarted. " + nodeCrashed
)
