package scheduler

import (
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Rule is a row of the table that failures are classified by: what follows from an error, whoever reports it.
type Rule struct {
	// Codes are Trino's names of the errors; without any the row is for what Errors describes.
	Codes  []*trinoerr.Code
	Errors string
	// Task says that another attempt of the task may follow (TASK), Query that another run of the query may (QUERY).
	Task, Query bool
	// Costs says that the failure uses up one of the task's attempts (TASK).
	Costs bool
	// Delayed says that the task's next attempt waits, longer each time (TASK).
	Delayed bool
	// Memory says that the next attempt is given more memory. Crash says that the error looks like the end of the worker's
	// process, which running out of memory often is the cause of: then it is given more if that is configured, and the
	// failure costs nothing on a node that was told to go.
	Memory, Crash bool

	applies func(*Failure) bool
}

// Rules is the table. The first row that applies counts; one always does.
var Rules = []Rule{
	{Errors: "any error that is marked as deterministic: raised by a function of the statement, it comes again wherever the task runs",
		applies: func(f *Failure) bool { return f.Deterministic }},
	{Errors: "`USER_ERROR`: division by zero, not supported, row too large, too many partitions, …",
		applies: func(f *Failure) bool { return f.Type == trinoerr.UserError }},
	{Errors: "errors that are fatal by their code: `COMPILER_ERROR`, `ICEBERG_COMMIT_ERROR`",
		applies: func(f *Failure) bool { return f.Fatal }},
	{Codes: []*trinoerr.Code{trinoerr.ClusterOutOfMemory},
		Task: true, Query: true, Costs: true, Memory: true},
	{Codes: []*trinoerr.Code{trinoerr.ExceededLocalMemoryLimit, trinoerr.ExceededGlobalMemoryLimit},
		Task: true, Costs: true, Memory: true},
	{Errors: "other `INSUFFICIENT_RESOURCES`: spill limit, full disk, too many open files, …",
		Task: true, Costs: true,
		applies: func(f *Failure) bool { return f.Type == trinoerr.InsufficientResources }},
	{Codes: []*trinoerr.Code{trinoerr.TooManyRequestsFailed, trinoerr.RemoteHostGone, trinoerr.RemoteTaskMismatch, trinoerr.RemoteTaskError},
		Task: true, Query: true, Costs: true, Delayed: true, Crash: true},
	{Codes: []*trinoerr.Code{trinoerr.ServerShuttingDown},
		Task: true, Query: true},
	{Errors: "other `INTERNAL_ERROR`, `EXTERNAL`, and errors without a code",
		Task: true, Query: true, Costs: true, Delayed: true,
		applies: func(*Failure) bool { return true }},
}

// rule returns the row that applies to the failure.
func (f *Failure) rule() *Rule {
	i := slices.IndexFunc(Rules, func(r Rule) bool {
		if r.applies != nil {
			return r.applies(f)
		}
		return slices.ContainsFunc(r.Codes, func(c *trinoerr.Code) bool { return c.Name == f.Code })
	})
	return &Rules[i]
}

// Name returns which errors the row is for.
func (r *Rule) Name() string {
	if r.Errors != "" {
		return r.Errors
	}
	var names []string
	for _, c := range r.Codes {
		names = append(names, "`"+c.Name+"`")
	}
	return strings.Join(names, ", ")
}
