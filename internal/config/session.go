package config

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// RetryPolicy says what is run again after a failure.
type RetryPolicy string

// The retry policies.
const (
	RetryNone  RetryPolicy = "NONE"
	RetryQuery RetryPolicy = "QUERY"
	RetryTask  RetryPolicy = "TASK"
)

// JoinDistribution says which joins send the build side to all tasks.
type JoinDistribution string

// The join distributions.
const (
	JoinAutomatic   JoinDistribution = "AUTOMATIC"
	JoinBroadcast   JoinDistribution = "BROADCAST"
	JoinPartitioned JoinDistribution = "PARTITIONED"
)

// DistinctAggregations is how aggregations with DISTINCT are computed.
type DistinctAggregations string

// The strategies. Chosen by estimates: DistinctAutomatic, or none.
const (
	DistinctSingleStep        DistinctAggregations = "SINGLE_STEP"
	DistinctMark              DistinctAggregations = "MARK_DISTINCT"
	DistinctPreAggregate      DistinctAggregations = "PRE_AGGREGATE"
	DistinctSplitToSubqueries DistinctAggregations = "SPLIT_TO_SUBQUERIES"
	DistinctAutomatic         DistinctAggregations = "AUTOMATIC"
)

// JoinReordering says how much the order of joins may change.
type JoinReordering string

// The join reordering strategies.
const (
	ReorderNone                JoinReordering = "NONE"
	ReorderEliminateCrossJoins JoinReordering = "ELIMINATE_CROSS_JOINS"
	ReorderAutomatic           JoinReordering = "AUTOMATIC"
)

// Session is what governs one query and can be changed with SET SESSION. The configuration gives the defaults; a copy
// with the session's changes goes with each query.
type Session struct {
	RetryPolicy           RetryPolicy
	AllowedRetryPolicies  []RetryPolicy
	QueryRetryAttempts    int
	TaskRetryAttempts     int
	RetryInitialDelay     time.Duration
	RetryMaxDelay         time.Duration
	RetryDelayScaleFactor float64

	MaxRunTime             time.Duration
	MaxExecutionTime       time.Duration // without planning
	MaxPlanningTime        time.Duration
	MaxCPUTime             time.Duration
	MaxScanBytes           *int64 // nil: no limit
	MaxStageCount          int
	Priority               int // among queries that wait
	RequiredWorkers        int
	RequiredWorkersMaxWait time.Duration

	TaskMemory                  int64
	CoordinatorTaskMemory       int64
	TaskMemoryGrowthFactor      float64
	TaskMemoryQuantile          float64
	MaxTasksWaitingForNode      int
	MaxTasksWaitingForExecution int
	MaxMemory                   int64  // of a query that is not under TASK, on all nodes
	MaxTotalMemory              int64  // the same
	MaxMemoryPerNode            Amount // on one node
	ResourceOvercommit          bool   // the three do not count

	Compute               TargetSize // arbitrary distribution, stages that do not write
	Write                 TargetSize // arbitrary distribution, writer stages
	HashComputeTargetSize int64
	HashComputeNodeRatio  float64
	HashWriteTargetSize   int64
	HashWriteNodeRatio    float64
	HashWriteMaxTasks     int
	ScaleWriters          bool
	StandardSplitSize     int64
	MaxTaskSplitCount     int
	MinSplitSize          int64 // what a split counts as at least
	SingleTaskInputSize   int64
	RangeAlignment        bool
	RangeSortMinInputSize int64 // of rows in an order that are divided by ranges

	MaxPartitionCount               int // under TASK; the three MaxHash… and MinHash… are for the other policies
	MinPartitionCount               int
	MinPartitionCountForWrite       int
	MaxHashPartitionCount           int
	MinHashPartitionCount           int
	MinHashPartitionCountForWrite   int
	DeterminePartitionCountForWrite bool
	MinInputSizePerTask             int64 // of exchanges, estimated; 0: partition counts do not follow from estimates
	MinInputRowsPerTask             int64

	MaxRunningTasks  int // of a query; 0: no limit
	BackupAttempts   bool
	BackupQuantile   float64
	BackupMultiplier float64
	BackupMinRuntime time.Duration

	MinSourceStageProgress            float64
	SmallStageEstimation              bool
	SmallStageThreshold               int64
	SmallStageSizeMultiplier          float64
	SmallStageRequireNoMorePartitions bool
	EagerParentEstimation             bool

	AdaptivePlanning              bool
	KeyFilters                    bool // from finished stages into scans that have not started
	KeyFilterMinScan              int64
	AdaptiveJoinReordering        bool
	AdaptiveJoinSizeRatio         float64 // build side to probe side
	AdaptiveJoinMinSize           int64   // of the build side
	RuntimeAdaptivePartitioning   bool
	RuntimeAdaptivePartitionCount int
	RuntimeAdaptiveMaxTaskSize    int64
	DebugAdaptivePlanner          bool

	Compression                   Compression // of outputs of stages
	TaskConcurrency               int         // threads of a task
	RemoteTaskAdaptiveRequestSize bool
	RemoteTaskMaxRequestSize      int64
	RemoteTaskRequestHeadroom     int64
	RemoteTaskGuaranteedSplits    int

	JoinDistribution     JoinDistribution
	JoinReordering       JoinReordering
	JoinMaxBroadcastSize int64
	MaxReorderedJoins    int
	// PushAggregations lets rows be aggregated before they are joined; with PushThroughOuter also those that an outer join fills with NULLs.
	PushAggregations, PushThroughOuter bool
	// PushIntoConnectors lets connectors be offered parts of plans.
	PushIntoConnectors      bool
	EagerAggregationMinRows int64 // 0: wherever it can be done
	DistinctAggregations    DistinctAggregations
	MaxRecursionDepth       int
	// OmitTimePrecision shows time and timestamp types of the default precision without it.
	OmitTimePrecision bool

	hints hints
}

// TargetSize is how the input of tasks grows with their number.
type TargetSize struct {
	Min, Max     int64
	GrowthPeriod int
	GrowthFactor float64
}

// SessionInfo is what makes a property a session property.
type SessionInfo struct {
	Name string
	// Hidden properties can be set and are not listed.
	Hidden bool
	// Hint properties are accepted because clients set them. They cannot change results, and what they steer in Trino
	// Waterbear decides by itself.
	Hint bool
	// Description is Trino's; empty means the property's Doc.
	Description string
	// outOfRange replaces the usual message after the name.
	outOfRange string
}

// SessionProperty is a row of SHOW SESSION.
type SessionProperty struct {
	Name        string
	Default     string
	Type        types.Type
	Description string
	Hidden      bool
}

// SessionProperties lists all session properties by name, with the values of s as defaults.
func (s *Session) SessionProperties() []SessionProperty { return SessionTable.SessionProperties(s) }

// Set changes a property, as a client's X-Trino-Session header does. Errors are Trino's INVALID_SESSION_PROPERTY.
func (s *Session) Set(name, text string) error {
	if err := SessionTable.SetSession(s, name, text); err != nil {
		return err
	}
	if name == "retry_policy" && !slices.Contains(s.AllowedRetryPolicies, s.RetryPolicy) {
		return invalidSession("Retry policy %s not allowed. Must be one of [%s]", s.RetryPolicy,
			joinWords(s.AllowedRetryPolicies, ", "))
	}
	return nil
}

// CheckSessionValue checks the value of a SET SESSION statement: its name, its type and the value itself. expression is
// the value as written. It returns the text that Set takes, which is also what the client is told to keep.
func CheckSessionValue(name, expression string, t types.Type, v any, current Session) (text string, err error) {
	p := sessionProperty(name)
	if p == nil {
		return "", unknownSession(name)
	}
	unable := func(why string) error {
		return invalidSession("Unable to set session property '%s' to '%s': %s", name, expression, why)
	}
	if !types.CanCoerce(t, p.Value.sqlType) {
		return "", unable("Cannot cast type " + t.String() + " to " + p.Value.sqlType.String())
	}
	if v == nil {
		return "", unable("Session property value must not be null")
	}
	if s, isText := v.(string); isText {
		text = s
	} else {
		text = string(types.AppendWire(nil, t, v))
		text = strings.Trim(text, `"`) // decimals
	}
	return text, current.Set(name, text)
}

// IsSessionHint reports whether a session property is one that is accepted and steers nothing.
func IsSessionHint(name string) bool {
	p := sessionProperty(name)
	return p != nil && p.Session.Hint
}

// HasSessionProperty reports whether there is a session property of that name.
func HasSessionProperty(name string) bool { return sessionProperty(name) != nil }

func sessionProperty(name string) *Property[Session] { return SessionTable.sessionProperty(name) }

func unknownSession(name string) error {
	return invalidSession("Session property '%s' does not exist", name)
}

func invalidSession(format string, args ...any) error {
	return trinoerr.New(trinoerr.InvalidSessionProperty, format, args...)
}

func unbounded() float64 { return math.Inf(1) }
