package protocol

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Dispatcher is what the protocol needs of the coordinator. All methods are safe for concurrent use.
type Dispatcher interface {
	// Submit registers a statement and returns at once: analysis goes on behind it. It is not carried out before Query.Next is
	// called first: a client that was not answered sends it again, and must not have it carried out twice. Whatever is wrong
	// with the statement or its session is a failure of the returned query (ResultPage.Err), as in Trino. The error
	// is for a server that takes no queries at all (shutting down, still starting); the client sees it as HTTP 503
	// and tries again. ctx ends with the HTTP request: the query must not depend on it.
	Submit(ctx context.Context, req SubmitRequest) (Query, error)

	// Lookup finds a query, running or still in the history, by its id.
	Lookup(id string) (Query, bool)

	// Queries lists the running queries and the history.
	Queries() []QueryInfo

	// Nodes lists the nodes of the cluster, the coordinator included.
	Nodes() []NodeInfo

	// ResourceGroup shows a resource group by its name and those of the groups above, from the root on; false when no query
	// has been in it of late.
	ResourceGroup(id []string) (ResourceGroupInfo, bool)
}

// Query is one statement under way, seen from the client's side.
type Query interface {
	// ID is the query's id in Trino's form, 20261122_171311_00017_bxz7j.
	ID() string

	// Slug is an unguessable word, the same for the whole life of the query (across a coordinator's restart too): who
	// knows it may fetch the results.
	Slug() string

	// Next returns the page of results with the given token, counted from 1. It waits at most maxWait for news: rows,
	// an error, or the end; after that it returns a page that has only Stats. A page holds about targetBytes of
	// rendered rows, and at least one row if there is one.
	//
	// at is what the page before said in ResultPage.Next; empty for the first. It has come back from the client, so that a
	// coordinator that has never handed out a page of the query knows where the client is.
	//
	// The protocol calls Next once for each token, in ascending order, never twice at the same time, and repeats the
	// last page for a client that asks again. Only after a coordinator's restart may the first token be larger than 1, or
	// the last one be asked for once more: the page must then hold what it held before. Next with an ended
	// ctx returns ctx's error and consumes nothing.
	//
	// An error from Next itself means that the page cannot be had (not that the query failed, which is ResultPage.Err):
	// ErrGone when its rows have been dropped already, context.Canceled when this coordinator ends and the next one has it.
	Next(ctx context.Context, token int64, at string, maxWait time.Duration, targetBytes int) (ResultPage, error)

	// Cancel ends the query with the given reason (USER_CANCELED, ABANDONED_QUERY, ADMINISTRATIVELY_KILLED, …). On an
	// ended query it does nothing. It returns without waiting for the end.
	Cancel(reason *trinoerr.Error)

	// CancelStage stops the stage with the given number and everything below it, keeping the rows had so far
	// (partialCancelUri); the query ends well.
	CancelStage(stage int)

	// Info is a snapshot for /v1/query.
	Info() QueryInfo
}

// ErrGone is what Query.Next returns for a page that is no longer kept.
var ErrGone = errors.New("page is gone")

// SubmitRequest is a statement with everything the client said about it.
type SubmitRequest struct {
	SQL     string
	Session Session
}

// Session is what the client's headers say. It lives on the client: each request carries all of it.
type Session struct {
	User         string // the user whose rights count: X-Trino-User
	OriginalUser string // differs from User after SET SESSION AUTHORIZATION
	Password     string // of Basic authentication; empty over plain HTTP
	Source       string // the client program: trino-cli, …
	Catalog      string // default catalog, empty when none
	Schema       string // default schema, empty when none
	Path         string // SQL path for functions, as the client wrote it
	TimeZone     string // IANA name or offset; empty: the server's
	Language     string // BCP 47 tag; empty: the server's
	ClientTags   []string
	ClientInfo   string
	TraceToken   string

	// Capabilities are the optional abilities of the client: PATH, PARAMETRIC_DATETIME, SESSION_AUTHORIZATION.
	Capabilities []string

	// Properties are session properties by name; a catalog's are named "catalog.property".
	Properties map[string]string

	// Prepared are the client's prepared statements: name to SQL text.
	Prepared map[string]string

	// Roles are the enabled roles by catalog; the system role has the catalog "system".
	Roles map[string]Role

	ExtraCredentials  map[string]string
	ResourceEstimates map[string]string // EXECUTION_TIME, CPU_TIME, PEAK_MEMORY

	// TransactionID is the client's open transaction: empty when it runs in autocommit mode. ClientTransactions says
	// whether the client understands transactions at all (it sent X-Trino-Transaction-Id).
	TransactionID      string
	ClientTransactions bool

	// QueryDataEncoding lists the spooled encodings that the client offers; unused by the direct protocol.
	QueryDataEncoding string

	RemoteAddress string // of the client, without port
	UserAgent     string
}

// Has reports whether the client has an optional ability.
func (s *Session) Has(capability string) bool {
	return slices.Contains(s.Capabilities, capability)
}

// Role is the role that is enabled in a catalog: ROLE, ALL or NONE.
type Role struct {
	Kind string // "ROLE", "ALL", "NONE"
	Name string // for ROLE
}

// Column is a result column.
type Column struct {
	Name string
	Type types.Type
}

// ResultPage is one answer to the client.
type ResultPage struct {
	// Columns are nil as long as they are not known, and may be nil on the pages after the one that had them; a
	// statement without a result has none (empty, not nil).
	Columns []Column

	// Data holds rendered rows: each fragment is one or more JSON arrays with commas between them, `[1,"a"],[2,"b"]`,
	// each of them a row. Fragments are copied into the response as they are, with a comma between.
	Data [][]byte

	RowCount int

	// Next is where the page after this one begins, in the query's own words; letters, digits and dots.
	Next string

	// Last says that nothing comes after this page. A page with Err is always the last.
	Last bool

	Err *trinoerr.Error

	UpdateType  string // CREATE TABLE, INSERT, SET SESSION, …; empty for queries
	UpdateCount *int64 // rows written, if the statement counts them

	Changes  *SessionChanges // nil when there are none; sent with every page that has them
	Warnings []Warning
	Stats    Stats
}

// Warning is a remark on a statement that runs all the same.
type Warning struct {
	Code    int
	Name    string
	Message string
}

// SessionChanges are what a statement changes in the client's session.
type SessionChanges struct {
	SetCatalog string
	SetSchema  string
	SetPath    *string

	SetProperties   map[string]string
	ClearProperties []string

	SetRoles map[string]Role

	AddedPrepared       map[string]string
	DeallocatedPrepared []string

	StartedTransaction string
	ClearedTransaction bool

	SetAuthorization   string
	ResetAuthorization bool
}

// Stats are what the clients' progress bars show. The names and their order are the protocol's.
type Stats struct {
	State                     string      `json:"state"` // QUEUED, WAITING_FOR_RESOURCES, DISPATCHING, PLANNING, STARTING, RUNNING, FINISHING, FINISHED, FAILED
	Queued                    bool        `json:"queued"`
	Scheduled                 bool        `json:"scheduled"`
	ProgressPercentage        *float64    `json:"progressPercentage,omitempty"`
	RunningPercentage         *float64    `json:"runningPercentage,omitempty"`
	Nodes                     int         `json:"nodes"`
	TotalSplits               int         `json:"totalSplits"`
	QueuedSplits              int         `json:"queuedSplits"`
	RunningSplits             int         `json:"runningSplits"`
	CompletedSplits           int         `json:"completedSplits"`
	PlanningTimeMillis        int64       `json:"planningTimeMillis"`
	AnalysisTimeMillis        int64       `json:"analysisTimeMillis"`
	CPUTimeMillis             int64       `json:"cpuTimeMillis"`
	WallTimeMillis            int64       `json:"wallTimeMillis"`
	QueuedTimeMillis          int64       `json:"queuedTimeMillis"`
	ElapsedTimeMillis         int64       `json:"elapsedTimeMillis"`
	FinishingTimeMillis       int64       `json:"finishingTimeMillis"`
	PhysicalInputTimeMillis   int64       `json:"physicalInputTimeMillis"`
	ProcessedRows             int64       `json:"processedRows"`
	ProcessedBytes            int64       `json:"processedBytes"`
	PhysicalInputBytes        int64       `json:"physicalInputBytes"`
	PhysicalWrittenBytes      int64       `json:"physicalWrittenBytes"`
	InternalNetworkInputBytes int64       `json:"internalNetworkInputBytes"`
	PeakMemoryBytes           int64       `json:"peakMemoryBytes"`
	SpilledBytes              int64       `json:"spilledBytes"`
	RootStage                 *StageStats `json:"rootStage,omitempty"`
}

// StageStats are the figures of one stage and, below it, of the stages it reads.
type StageStats struct {
	StageID            string       `json:"stageId"`
	State              string       `json:"state"` // PLANNED, SCHEDULING, RUNNING, FINISHED, FAILED, ABORTED, …
	Done               bool         `json:"done"`
	Nodes              int          `json:"nodes"`
	TotalSplits        int          `json:"totalSplits"`
	QueuedSplits       int          `json:"queuedSplits"`
	RunningSplits      int          `json:"runningSplits"`
	CompletedSplits    int          `json:"completedSplits"`
	CPUTimeMillis      int64        `json:"cpuTimeMillis"`
	WallTimeMillis     int64        `json:"wallTimeMillis"`
	ProcessedRows      int64        `json:"processedRows"`
	ProcessedBytes     int64        `json:"processedBytes"`
	PhysicalInputBytes int64        `json:"physicalInputBytes"`
	FailedTasks        int          `json:"failedTasks"`
	CoordinatorOnly    bool         `json:"coordinatorOnly"`
	Waiting            string       `json:"waiting,omitempty"` // why it does not go on, in words; Trino has no such field
	SubStages          []StageStats `json:"subStages"`
}

// QueryInfo is a snapshot of a query for /v1/query.
type QueryInfo struct {
	ID            string
	Session       Session
	SQL           string
	State         string // as Stats.State
	QueryType     string // SELECT, INSERT, DATA_DEFINITION, …; empty as long as it is not known
	UpdateType    string
	RetryPolicy   string // NONE, QUERY, TASK
	ResourceGroup []string
	Created       time.Time
	Ended         time.Time // zero while it runs
	Stats         Stats
	Replans       []Replan // how the plan has changed while it ran, in order
	Err           *trinoerr.Error
}

// Replan says that a stage of a running query has got another plan.
type Replan struct {
	Stage  int    `json:"stage"`         // the number under which it runs
	Was    *int   `json:"was,omitempty"` // its number before; nil when it was added
	Reason string `json:"reason"`
}

// Done reports whether the query has ended, well or not.
func (q *QueryInfo) Done() bool { return q.State == "FINISHED" || q.State == "FAILED" }

// NodeInfo is a node of the cluster as /v1/node shows it.
type NodeInfo struct {
	ID          string
	URI         string
	Version     string
	Coordinator bool
	State       string // ACTIVE, INACTIVE, DRAINING, DRAINED, SHUTTING_DOWN
	LastSeen    time.Time
	Failures    int // missed heartbeats in a row
}
