package config

import (
	"fmt"
	"slices"
)

// Compression is how data in exchanges is compressed.
type Compression string

// The compression codecs of exchanges.
const (
	CompressionNone Compression = "NONE"
	CompressionLZ4  Compression = "LZ4"
	CompressionZSTD Compression = "ZSTD"
)

// executionProperties say how tasks run and are handed to workers.
var executionProperties = []Property[Session]{
	{Name: "exchange.compression-codec", DefaultDoc: "`NONE`; `LZ4` with `retry-policy=TASK`", UsedBy: "coordinator",
		Value: Enum(func(s *Session) *Compression { return &s.Compression }, CompressionNone, CompressionLZ4, CompressionZSTD),
		Doc:   "How outputs of stages are compressed.",
		Session: &SessionInfo{Name: "exchange_compression_codec", Description: "Compression codec used for data in exchanges, " +
			"supports NONE, LZ4, ZSTD. Possible values: [NONE, LZ4, ZSTD]"}},
	{Name: "exchange.compression-enabled", DefaultDoc: "none", UsedBy: "config", Value: compressionEnabled,
		Doc: "The old form of `exchange.compression-codec`: `true` is `LZ4`, `false` is `NONE`."},
	{Name: "task.concurrency", DefaultDoc: "the number of cores, rounded up to a power of two, 2 to 32; 8 with `retry-policy=TASK`",
		UsedBy:  "coordinator",
		Value:   powerOfTwo(Int(func(s *Session) *int { return &s.TaskConcurrency }, 1, NoMax), func(s *Session) int { return s.TaskConcurrency }),
		Doc:     "How many threads a task may use. A node gives it `waterbear.threads-per-task` at most.",
		Session: &SessionInfo{Name: "task_concurrency", Description: "Default number of local parallel jobs per worker"}},
	{Name: "query.remote-task.enable-adaptive-request-size", Default: "true", UsedBy: "coordinator",
		Value: Bool(func(s *Session) *bool { return &s.RemoteTaskAdaptiveRequestSize }),
		Doc:   "Whether a task whose description is large is sent to its worker in several requests.",
		Session: &SessionInfo{Name: "remote_task_adaptive_update_request_size_enabled",
			Description: "Experimental: Enable adaptive adjustment for size of remote task update request"}},
	{Name: "query.remote-task.max-request-size", Default: "8MB", UsedBy: "coordinator",
		Value: Size(func(s *Session) *int64 { return &s.RemoteTaskMaxRequestSize }, 1),
		Doc:   "Largest such request.",
		Session: &SessionInfo{Name: "remote_task_max_request_size",
			Description: "Experimental: Max size of remote task update request"}},
	{Name: "query.remote-task.request-size-headroom", Default: "2MB", UsedBy: "coordinator",
		Value: Size(func(s *Session) *int64 { return &s.RemoteTaskRequestHeadroom }, 0),
		Doc:   "How much smaller than that the splits in such a request are kept.",
		Session: &SessionInfo{Name: "remote_task_request_size_headroom",
			Description: "Experimental: Headroom for size of remote task update request"}},
	{Name: "query.remote-task.guaranteed-splits-per-task", Default: "3", UsedBy: "coordinator",
		Value: Int(func(s *Session) *int { return &s.RemoteTaskGuaranteedSplits }, 1, NoMax),
		Doc:   "How many splits such a request carries at least, however large they are.",
		Session: &SessionInfo{Name: "remote_task_guaranteed_splits_per_request",
			Description: "Guaranteed splits per remote task request"}},
}

// compressionEnabled is the boolean that the codec was before.
var compressionEnabled = Value[Session]{Kind: "boolean", Allowed: "true or false, without 'exchange.compression-codec' beside it",
	set: func(s *Session, text string) error {
		if s.Compression != "" {
			return fmt.Errorf("'exchange.compression-codec' is set as well; remove one")
		}
		var c struct{ enabled bool }
		if err := Bool(func(c *struct{ enabled bool }) *bool { return &c.enabled }).set(&c, text); err != nil {
			return err
		}
		s.Compression = CompressionNone
		if c.enabled {
			s.Compression = CompressionLZ4
		}
		return nil
	},
	text: func(s *Session) string { return fmt.Sprint(s.Compression == CompressionLZ4) },
}

// powerOfTwo narrows an integer property to powers of two.
func powerOfTwo[C any](v Value[C], of func(*C) int) Value[C] {
	set := v.set
	v.Allowed, v.bounds = v.Allowed+", a power of two", v.bounds+", a power of two"
	v.set = func(c *C, text string) error {
		was := *c
		if err := set(c, text); err != nil {
			return err
		}
		if n := of(c); n&(n-1) != 0 {
			*c = was
			return rangeError(fmt.Sprintf("a power of 2: %d", n))
		}
		return nil
	}
	return v
}

// completeSession sets defaults that follow from other properties.
func completeSession(s *Session, h Host) {
	if s.Compression == "" {
		s.Compression = CompressionNone
		if s.RetryPolicy == RetryTask {
			s.Compression = CompressionLZ4
		}
	}
	if s.TaskConcurrency == 0 {
		s.TaskConcurrency = 8
		if s.RetryPolicy != RetryTask {
			s.TaskConcurrency = defaultConcurrency(h)
		}
	}
	if s.MaxTotalMemory == 0 {
		s.MaxTotalMemory = 2 * s.MaxMemory
	}
}

// defaultConcurrency is the number of cores rounded up to a power of two, from 2 to 32.
func defaultConcurrency(h Host) int {
	n := 2
	for n < min(h.Cores, 32) {
		n *= 2
	}
	return n
}

func checkSession(s *Session) error {
	if !slices.Contains(s.AllowedRetryPolicies, s.RetryPolicy) {
		return &PropertyError{"retry-policy", "Selected retry policy not present in retry-policy.allowed list"}
	}
	for _, t := range []struct {
		kind string
		size TargetSize
	}{{"compute", s.Compute}, {"write", s.Write}} {
		if t.size.Max < t.size.Min {
			return &PropertyError{"fault-tolerant-execution-arbitrary-distribution-" + t.kind + "-task-target-size-max",
				FormatSize(t.size.Max) + " is less than the minimum, " + FormatSize(t.size.Min)}
		}
	}
	for _, p := range []struct {
		name        string
		least, most int
		used        bool
	}{
		{"fault-tolerant-execution-min-partition-count", s.MinPartitionCount, s.MaxPartitionCount, true},
		{"fault-tolerant-execution-min-partition-count-for-write", s.MinPartitionCountForWrite, s.MaxPartitionCount, s.DeterminePartitionCountForWrite},
		{"query.min-hash-partition-count", s.MinHashPartitionCount, s.MaxHashPartitionCount, true},
		{"query.min-hash-partition-count-for-write", s.MinHashPartitionCountForWrite, s.MaxHashPartitionCount, s.DeterminePartitionCountForWrite},
	} {
		if p.used && p.least > p.most {
			return &PropertyError{p.name, fmt.Sprintf("%d is more than the maximum, %d", p.least, p.most)}
		}
	}
	return nil
}
