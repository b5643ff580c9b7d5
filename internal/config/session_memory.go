package config

// memoryProperties say how much memory tasks ask for and queries may have, and how many tasks wait.
var memoryProperties = []Property[Session]{
	{Name: "fault-tolerant-execution-task-memory", Default: "5GB", UsedBy: "scheduler",
		Value: Size(func(s *Session) *int64 { return &s.TaskMemory }, 0),
		Doc: "Memory that the first task of a stage asks for, before anything was measured; 0B is a slot's share of the largest " +
			"node.",
		Session: &SessionInfo{Name: "fault_tolerant_execution_task_memory", Hidden: true}},
	{Name: "fault-tolerant-execution-coordinator-task-memory", Default: "2GB", UsedBy: "coordinator",
		Value:   Size(func(s *Session) *int64 { return &s.CoordinatorTaskMemory }, 0),
		Doc:     "The same for a task that reads tables of the catalog `system`, which Trino runs on the coordinator.",
		Session: &SessionInfo{Name: "fault_tolerant_execution_coordinator_task_memory", Hidden: true}},
	{Name: "fault-tolerant-execution-task-memory-growth-factor", Default: "3.0", UsedBy: "scheduler",
		Value:   Float(func(s *Session) *float64 { return &s.TaskMemoryGrowthFactor }, 1, unbounded()),
		Doc:     "How much more memory a task asks for after it ran out of memory.",
		Session: &SessionInfo{Name: "fault_tolerant_execution_task_memory_growth_factor", Hidden: true}},
	{Name: "fault-tolerant-execution-task-memory-estimation-quantile", Default: "0.9", UsedBy: "scheduler",
		Value:   Float(func(s *Session) *float64 { return &s.TaskMemoryQuantile }, 0, 1),
		Doc:     "Quantile of the measured peaks of a stage's tasks that later tasks ask for.",
		Session: &SessionInfo{Name: "fault_tolerant_execution_task_memory_estimation_quantile", Hidden: true}},
	{Name: "max-tasks-waiting-for-node-per-query", Aliases: []string{"max-tasks-waiting-for-node-per-stage"}, Default: "50",
		UsedBy: "scheduler",
		Value:  Int(func(s *Session) *int { return &s.MaxTasksWaitingForNode }, 1, NoMax),
		Doc:    "How many tasks of a query may wait for a node before it asks for no more.",
		Session: &SessionInfo{Name: "max_tasks_waiting_for_node_per_query", Description: "Maximum possible number of tasks waiting " +
			"for node allocation per query before scheduling of new tasks is paused"}},
	{Name: "max-tasks-waiting-for-execution-per-query", Default: "10", UsedBy: "scheduler",
		Value: Int(func(s *Session) *int { return &s.MaxTasksWaitingForExecution }, 1, NoMax),
		Doc:   "How many tasks of a query may wait to be scheduled before the listing of splits pauses.",
		Session: &SessionInfo{Name: "max_tasks_waiting_for_execution_per_query", Description: "Maximum number of tasks waiting to be " +
			"scheduled per query. Split enumeration is paused by the scheduler when this threshold is crossed"}},
	{Name: "query.max-memory", Default: "20GB", UsedBy: "coordinator",
		Value: Size(func(s *Session) *int64 { return &s.MaxMemory }, 1),
		Doc: "Memory that the tasks of a query may use together on all nodes; more fails it with EXCEEDED_GLOBAL_MEMORY_LIMIT. " +
			"Queries under policy `TASK` have no such limit.",
		Session: &SessionInfo{Name: "query_max_memory", Hidden: true, Description: "Maximum amount of distributed memory a query can use"}},
	{Name: "query.max-total-memory", DefaultDoc: "twice `query.max-memory`", UsedBy: "coordinator",
		Value: Size(func(s *Session) *int64 { return &s.MaxTotalMemory }, 1),
		Doc: "As `query.max-memory`, with what the engine itself needs for a task counted. Tasks of Waterbear are processes, whose " +
			"memory has no other part: the smaller of the two counts.",
		Session: &SessionInfo{Name: "query_max_total_memory", Hidden: true,
			Description: "Maximum amount of distributed total memory a query can use"}},
	{Name: "query.max-memory-per-node", Default: "30%", UsedBy: "coordinator",
		Value: AmountOf(func(s *Session) *Amount { return &s.MaxMemoryPerNode }, "`waterbear.memory`"),
		Doc: "Memory that the tasks of a query may use on one node; more fails it with EXCEEDED_LOCAL_MEMORY_LIMIT. Queries under " +
			"policy `TASK` have no such limit.",
		Session: &SessionInfo{Name: "query_max_memory_per_node", Hidden: true, Description: "Maximum amount of memory a query can use per node"}},
	{Default: "false", UsedBy: "coordinator",
		Value:   Bool(func(s *Session) *bool { return &s.ResourceOvercommit }),
		Doc:     "Whether a query may use whatever memory there is, its limits notwithstanding.",
		Session: &SessionInfo{Name: "resource_overcommit", Description: "Use resources which are not guaranteed to be available to the query"}},
}
