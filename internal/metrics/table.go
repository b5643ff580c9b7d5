package metrics

// node is a label that several metrics have.
var node = Label{Name: "node", Of: "`node.id` of a worker of the cluster"}

// seconds are bounds for what people wait for.
var seconds = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600}

// What every node has.
var (
	Info = define(Metric{Name: "waterbear_info", Kind: Gauge, Role: Node, Help: "1, with what the node is.",
		Labels: []Label{{Name: "version", Of: "version of the program"}, {Name: "environment", Of: "`node.environment`"}, {Name: "node", Of: "`node.id` of this node"}}})
)

// Queries.
var (
	Queries = define(Metric{Name: "waterbear_queries", Kind: Gauge, Role: Coordinator, Help: "Queries that have not ended. The retry policy is UNKNOWN until they are analyzed.",
		Labels: []Label{{Name: "state", Values: []string{"QUEUED", "WAITING_FOR_RESOURCES", "PLANNING", "STARTING", "RUNNING", "FINISHING"}},
			{Name: "retry_policy", Values: []string{"NONE", "QUERY", "TASK", "UNKNOWN"}}}})
	QueriesSubmitted = define(Metric{Name: "waterbear_queries_submitted_total", Kind: Counter, Role: Coordinator, Help: "Statements that clients have sent."})
	QueriesFinished  = define(Metric{Name: "waterbear_queries_finished_total", Kind: Counter, Role: Coordinator, Help: "Queries that have ended well.",
		Labels: []Label{{Name: "retry_policy", Values: []string{"NONE", "QUERY", "TASK", "UNKNOWN"}}}})
	QueriesFailed = define(Metric{Name: "waterbear_queries_failed_total", Kind: Counter, Role: Coordinator, Help: "Queries that have failed.",
		Labels: []Label{{Name: "retry_policy", Values: []string{"NONE", "QUERY", "TASK", "UNKNOWN"}},
			{Name: "error_type", Values: []string{"USER_ERROR", "INTERNAL_ERROR", "INSUFFICIENT_RESOURCES", "EXTERNAL"}}}})
	QueryErrors = define(Metric{Name: "waterbear_query_errors_total", Kind: Counter, Role: Coordinator, Help: "Queries that have failed, by their error.",
		Labels: []Label{{Name: "error", Of: "name of one of Trino's errors"}}})
	QueryQueued = define(Metric{Name: "waterbear_query_queued_seconds", Kind: Histogram, Role: Coordinator, Buckets: seconds,
		Help: "How long queries that were admitted have waited for their resource group."})
	QueryPlanning = define(Metric{Name: "waterbear_query_planning_seconds", Kind: Histogram, Role: Coordinator, Buckets: seconds, Help: "How long the analysis of a query has taken."})
	QueryDuration = define(Metric{Name: "waterbear_query_duration_seconds", Kind: Histogram, Role: Coordinator, Buckets: seconds,
		Help:   "From when a query was sent to its end.",
		Labels: []Label{{Name: "state", Values: []string{"FINISHED", "FAILED"}}}})
	QueryRestarts = define(Metric{Name: "waterbear_query_restarts_total", Kind: Counter, Role: Coordinator, Help: "Times that a query ran again as a whole, under QUERY."})
	Replans       = define(Metric{Name: "waterbear_replans_total", Kind: Counter, Role: Coordinator, Help: "Times that the rest of a running query got other stages."})
	ResultPages   = define(Metric{Name: "waterbear_result_pages_total", Kind: Counter, Role: Coordinator, Help: "Pages with rows that were made for clients."})
	ResultRows    = define(Metric{Name: "waterbear_result_rows_total", Kind: Counter, Role: Coordinator, Help: "Rows in them."})
	ResultBytes   = define(Metric{Name: "waterbear_result_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes of these rows as JSON."})
)

// Reasons are why attempts fail and why there are others after them.
var Reasons = []string{ReasonUser, ReasonInternal, ReasonResources, ReasonExternal, ReasonMemory, ReasonNode, ReasonSpool}

// The reasons.
const (
	ReasonUser      = "user_error"
	ReasonInternal  = "internal_error"
	ReasonResources = "insufficient_resources" // but memory
	ReasonExternal  = "external"
	ReasonMemory    = "memory"        // the attempt needed more than it had
	ReasonNode      = "node_loss"     // its node was lost, or left
	ReasonSpool     = "spool_loss"    // an output that it reads was lost, or its own was
	ReasonRestart   = "query_restart" // the query runs again as a whole
	ReasonSlow      = "speculative"   // the one before is slow, and still runs
	ReasonCanceled  = "canceled"      // the one before was stopped: its memory was needed, or its input has changed
)

// Tasks and nodes.
var (
	TasksStarted    = define(Metric{Name: "waterbear_tasks_started_total", Kind: Counter, Role: Coordinator, Help: "Tasks of which the first attempt was started."})
	AttemptsStarted = define(Metric{Name: "waterbear_attempts_started_total", Kind: Counter, Role: Coordinator, Help: "Attempts that were sent to a worker. Those of tasks that are slow are SPECULATIVE.",
		Labels: []Label{{Name: "class", Values: []string{"STANDARD", "EAGER_SPECULATIVE", "SPECULATIVE"}}}})
	AttemptsFinished = define(Metric{Name: "waterbear_attempts_finished_total", Kind: Counter, Role: Coordinator, Help: "Attempts that have ended well."})
	AttemptsFailed   = define(Metric{Name: "waterbear_attempts_failed_total", Kind: Counter, Role: Coordinator, Help: "Attempts that have failed.",
		Labels: []Label{{Name: "reason", Values: Reasons}}})
	AttemptsRetried = define(Metric{Name: "waterbear_attempts_retried_total", Kind: Counter, Role: Coordinator, Help: "Attempts that came after another one of their task, by why.",
		Labels: []Label{{Name: "reason", Values: append(Reasons[:len(Reasons):len(Reasons)], ReasonRestart, ReasonSlow, ReasonCanceled)}}})
	AttemptsCanceled = define(Metric{Name: "waterbear_attempts_canceled_total", Kind: Counter, Role: Coordinator, Help: "Attempts that were stopped because nobody needed them any more."})
	OutputsLost      = define(Metric{Name: "waterbear_outputs_lost_total", Kind: Counter, Role: Coordinator, Help: "Reports that an output could not be read; each reader of it reports."})

	Nodes = define(Metric{Name: "waterbear_nodes", Kind: Gauge, Role: Coordinator, Help: "Workers that the coordinator knows.",
		Labels: []Label{{Name: "state", Values: []string{"active", "draining"}}}})
	NodesJoined  = define(Metric{Name: "waterbear_nodes_joined_total", Kind: Counter, Role: Coordinator, Help: "Workers that have joined."})
	NodesLost    = define(Metric{Name: "waterbear_nodes_lost_total", Kind: Counter, Role: Coordinator, Help: "Workers that were lost without a word."})
	NodeMemory   = define(Metric{Name: "waterbear_node_memory_bytes", Kind: Gauge, Role: Coordinator, Help: "Memory of a worker for tasks.", Labels: []Label{node}})
	NodeReserved = define(Metric{Name: "waterbear_node_memory_reserved_bytes", Kind: Gauge, Role: Coordinator, Help: "What of it the scheduler has set aside for running attempts.", Labels: []Label{node}})
	NodeSlots    = define(Metric{Name: "waterbear_node_slots", Kind: Gauge, Role: Coordinator, Help: "Attempts that a worker runs at a time.", Labels: []Label{node}})
	NodeAttempts = define(Metric{Name: "waterbear_node_attempts", Kind: Gauge, Role: Coordinator, Help: "Attempts that the scheduler has placed on a worker.", Labels: []Label{node}})
)

// Data.
var (
	SpoolWritten        = define(Metric{Name: "waterbear_spool_written_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes of outputs of finished attempts in objects."})
	SpoolWrittenObjects = define(Metric{Name: "waterbear_spool_written_objects_total", Kind: Counter, Role: Coordinator, Help: "Objects of outputs of finished attempts."})
	ExchangeOut         = define(Metric{Name: "waterbear_exchange_written_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes that ended attempts have put out for other stages or the client."})
	ExchangeIn          = define(Metric{Name: "waterbear_exchange_read_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes of other stages' outputs that ended attempts have read."})
	TableIn             = define(Metric{Name: "waterbear_table_read_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes of tables that ended attempts have read."})
	TableOut            = define(Metric{Name: "waterbear_table_written_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes that finished attempts have written for tables."})
	Spilled             = define(Metric{Name: "waterbear_spilled_bytes_total", Kind: Counter, Role: Coordinator, Help: "Bytes that attempts had on disk for want of memory, at most."})
	TaskCPU             = define(Metric{Name: "waterbear_task_cpu_seconds_total", Kind: Counter, Role: Coordinator, Help: "Processor time of ended attempts."})
)

// The coordinator's memory.
var (
	Leading     = define(Metric{Name: "waterbear_coordinator_leading", Kind: Gauge, Role: Coordinator, Help: "1 on the coordinator that leads, 0 on one that stands by."})
	Epoch       = define(Metric{Name: "waterbear_coordinator_epoch", Kind: Gauge, Role: Coordinator, Help: "The number of this leadership, higher than all before; 0 without a journal."})
	Recovered   = define(Metric{Name: "waterbear_coordinator_recovered_queries_total", Kind: Counter, Role: Coordinator, Help: "Queries of the coordinator before this one that it went on with."})
	JournalAway = define(Metric{Name: "waterbear_journal_away", Kind: Gauge, Role: Coordinator, Help: "1 while the storage of the journal takes nothing: queries would not survive the coordinator's death."})
)

// A worker.
var (
	WorkerSlots    = define(Metric{Name: "waterbear_worker_slots", Kind: Gauge, Role: Worker, Help: "Attempts that this worker runs at a time."})
	WorkerAttempts = define(Metric{Name: "waterbear_worker_attempts", Kind: Gauge, Role: Worker, Help: "Attempts that it has accepted and that have not ended.",
		Labels: []Label{{Name: "state", Values: []string{"running", "waiting"}}}})
	WorkerMemory = define(Metric{Name: "waterbear_worker_memory_bytes", Kind: Gauge, Role: Worker, Help: "Memory of this worker for tasks."})
	WorkerUsed   = define(Metric{Name: "waterbear_worker_memory_used_bytes", Kind: Gauge, Role: Worker, Help: "What running attempts use of it."})
	WorkerEnded  = define(Metric{Name: "waterbear_worker_attempts_ended_total", Kind: Counter, Role: Worker, Help: "Attempts that have ended here.",
		Labels: []Label{{Name: "outcome", Values: []string{"finished", "failed", "slot_died"}}}})
	SlotStarts = define(Metric{Name: "waterbear_worker_slot_starts_total", Kind: Counter, Role: Worker, Help: "Processes of slots that were started."})
)
