package scheduler

// estimate guesses how many bytes a stage will have put out when it is finished; ok is false if that cannot be told yet.
// A stage that runs is judged by its progress, or by the size of what it reads if that is small.
func (st *stage) estimate() (bytes int64, ok bool) {
	if st.state == StageFinishedState {
		return sum(st.bytes), true
	}
	if st.state != StageRunning {
		return 0, false
	}
	if bytes, ok = st.estimateByProgress(); ok {
		return bytes, true
	}
	return st.estimateByInput()
}

// estimateByProgress extrapolates from the partitions that have finished.
func (st *stage) estimateByProgress() (bytes int64, ok bool) {
	all := len(st.parts) - st.skipped
	if !st.sealed || st.finished == 0 {
		return 0, false
	}
	progress := float64(st.finished) / float64(all)
	if progress < st.q.settings.MinSourceStageProgress {
		return 0, false
	}
	return int64(float64(sum(st.bytes)) / progress), true
}

// estimateByInput takes the output of a small stage to be about as large as its input.
func (st *stage) estimateByInput() (bytes int64, ok bool) {
	set := &st.q.settings
	if !set.SmallStageEstimation || sum(st.bytes) > set.SmallStageThreshold || set.SmallStageRequireNoMorePartitions && !st.sealed {
		return 0, false
	}
	var input int64
	if st.Sources > 0 {
		if !st.sealed {
			return 0, false
		}
		input = int64(len(st.parts)-st.skipped) * set.Compute.Min
	}
	for i := range st.Inputs {
		n, ok := st.producer(i).estimate()
		if !ok {
			return 0, false
		}
		input += n
	}
	if bytes = grow(input, set.SmallStageMultiplier); bytes > set.SmallStageThreshold {
		return 0, false
	}
	return bytes, true
}
