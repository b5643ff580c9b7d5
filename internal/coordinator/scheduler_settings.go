package coordinator

import (
	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// schedulerSettings translates the properties of a session that govern the scheduling of its queries. Sizes are still those
// that were configured: see scaled.
func schedulerSettings(s *config.Session, g config.Scheduling) scheduler.Settings {
	out := scheduler.DefaultSettings()
	out.QueryRetryAttempts = s.QueryRetryAttempts
	out.TaskRetryAttempts = s.TaskRetryAttempts
	out.RetryInitialDelay = s.RetryInitialDelay
	out.RetryMaxDelay = s.RetryMaxDelay
	out.RetryDelayScaleFactor = s.RetryDelayScaleFactor

	out.TaskMemory = s.TaskMemory
	out.CoordinatorTaskMemory = s.CoordinatorTaskMemory
	out.MemoryGrowthFactor = s.TaskMemoryGrowthFactor
	out.MemoryQuantile = s.TaskMemoryQuantile
	out.MemoryGrowsOnWorkerCrash = g.WorkerCrashGrowsMemory
	out.MaxTasksWaitingForNode = s.MaxTasksWaitingForNode
	out.MaxTasksWaitingForExecution = s.MaxTasksWaitingForExecution
	out.MaxRunningTasks = s.MaxRunningTasks

	out.Compute = scheduler.TargetSize(s.Compute)
	out.Write = scheduler.TargetSize(s.Write)
	out.StandardSplitSize = s.StandardSplitSize
	out.MaxTaskSplitCount = s.MaxTaskSplitCount
	out.HashComputeTargetSize = s.HashComputeTargetSize
	out.HashComputeNodeRatio = s.HashComputeNodeRatio
	out.HashWriteTargetSize = s.HashWriteTargetSize
	out.HashWriteNodeRatio = s.HashWriteNodeRatio
	out.HashWriteMaxTasks = s.HashWriteMaxTasks

	out.BackupAttempts = s.BackupAttempts
	out.BackupQuantile = s.BackupQuantile
	out.BackupMultiplier = s.BackupMultiplier
	out.BackupMinRuntime = s.BackupMinRuntime

	out.MinSourceStageProgress = s.MinSourceStageProgress
	out.SmallStageEstimation = s.SmallStageEstimation
	out.SmallStageThreshold = s.SmallStageThreshold
	out.SmallStageMultiplier = s.SmallStageSizeMultiplier
	out.SmallStageRequireNoMorePartitions = s.SmallStageRequireNoMorePartitions
	out.StageEstimationForEagerParent = s.EagerParentEstimation
	return out
}

// schedulerConfig translates the properties of the cluster.
func schedulerConfig(g config.Scheduling) scheduler.Config {
	out := scheduler.DefaultConfig()
	out.NoMatchingNodePeriod = g.NoMatchingNodePeriod
	out.ExhaustedNodeWait = g.ExhaustedNodePeriod
	out.LocalScheduling = g.LocalScheduling
	out.RuntimeMemoryOverhead = g.RuntimeMemoryOverhead
	out.EagerOvercommit = g.EagerMemoryOvercommit
	out.TaskLowMemoryKiller = memoryKillers[g.TaskMemoryKiller]
	out.QueryLowMemoryKiller = memoryKillers[g.QueryMemoryKiller]
	return out
}

var memoryKillers = map[config.MemoryKiller]scheduler.LowMemoryKiller{
	config.KillNone:                           scheduler.KillNone,
	config.KillTotalReservation:               scheduler.KillTotalReservation,
	config.KillTotalReservationOnBlockedNodes: scheduler.KillTotalReservationOnBlockedNodes,
	config.KillLeastWaste:                     scheduler.KillLeastWaste,
}
