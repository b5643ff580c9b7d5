package config

import "time"

// backupProperties say how many tasks of a query run at a time, and when a slow one gets a rival.
var backupProperties = []Property[Session]{
	{Name: "waterbear.max-running-tasks-per-query", Default: "0", UsedBy: "scheduler",
		Value:   Int(func(s *Session) *int { return &s.MaxRunningTasks }, 0, NoMax),
		Doc:     "How many tasks of a query run at the same time, to spare what they read from; 0 is as many as there is room for.",
		Session: &SessionInfo{Name: "waterbear_max_running_tasks_per_query"}},
	{Name: "waterbear.backup-attempts", Default: "true", UsedBy: "scheduler",
		Value:   Bool(func(s *Session) *bool { return &s.BackupAttempts }),
		Doc:     "Whether a task that is far slower than the others of its stage is run a second time beside the first; the faster one counts.",
		Session: &SessionInfo{Name: "waterbear_backup_attempts"}},
	{Name: "waterbear.backup-attempt-quantile", Default: "0.75", UsedBy: "scheduler",
		Value:   Float(func(s *Session) *float64 { return &s.BackupQuantile }, 0, 1),
		Doc:     "Part of a stage's tasks that must be finished before a task of it counts as slow.",
		Session: &SessionInfo{Name: "waterbear_backup_attempt_quantile"}},
	{Name: "waterbear.backup-attempt-multiplier", Default: "2.0", UsedBy: "scheduler",
		Value:   Float(func(s *Session) *float64 { return &s.BackupMultiplier }, 1, unbounded()),
		Doc:     "How many times longer than the median of the finished ones a task must have run to count as slow.",
		Session: &SessionInfo{Name: "waterbear_backup_attempt_multiplier"}},
	{Name: "waterbear.backup-attempt-min-runtime", Default: "10s", UsedBy: "scheduler",
		Value:   Duration(func(s *Session) *time.Duration { return &s.BackupMinRuntime }, 0),
		Doc:     "A task that has run for less never counts as slow.",
		Session: &SessionInfo{Name: "waterbear_backup_attempt_min_runtime"}},
}
