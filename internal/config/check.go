package config

// check finds what is wrong with properties of several files or tables taken together. path is that of
// config.properties.
func (c *Config) check(path string) error {
	var problems Problems
	if x := c.Exchange; x != nil {
		for _, p := range []struct {
			name  string
			count int
			used  bool
		}{
			{"fault-tolerant-execution-max-partition-count", c.Session.MaxPartitionCount, true},
			{"fault-tolerant-execution-runtime-adaptive-partitioning-partition-count", c.Session.RuntimeAdaptivePartitionCount,
				c.Session.AdaptivePlanning && c.Session.RuntimeAdaptivePartitioning},
		} {
			if p.used && p.count > x.MaxPartitions {
				problems.add(path, 0, "property '%s' is %d, more than exchange-manager.properties allows: its "+
					"'exchange.max-output-partition-count' is %d, and must be at least as large", p.name, p.count, x.MaxPartitions)
			}
		}
	}
	if c.Resources.Headroom.Of(c.Resources.MemoryBytes) >= c.Resources.MemoryBytes {
		problems.add(path, 0, "property 'memory.heap-headroom-per-node': %s leaves nothing of 'waterbear.memory', %s",
			c.Resources.Headroom, FormatSize(c.Resources.MemoryBytes))
	}
	if q := c.Query; q.DescriptorLowWaterMark > 0 && q.DescriptorHighWaterMark > 0 && q.DescriptorLowWaterMark > q.DescriptorHighWaterMark {
		problems.add(path, 0, "property 'fault-tolerant-execution-task-descriptor-storage-low-water-mark': %s is more than the high "+
			"water mark, %s", FormatSize(q.DescriptorLowWaterMark), FormatSize(q.DescriptorHighWaterMark))
	}
	return problems.err()
}
