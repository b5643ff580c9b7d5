package scheduler

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Each property of the cluster changes what happens. The texts are those of TestSettingsHaveEffects.
func TestConfigHasEffects(t *testing.T) {
	scan := []Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, Root: true}}
	nobody := scene{policy: RetryTask, stages: scan, splits: someSplits(1, mib), until: Instant(time.Hour)}
	far := someSplits(2, gib)
	for i := range far {
		far[i].Hosts = []string{"v"}
	}
	near := scene{policy: RetryTask, nodes: []NodeJoined{worker("v", 4*gib, 1), worker("w", 4*gib, 1)}, stages: scan, splits: far,
		takes: func(StartTask) time.Duration { return time.Hour }, until: Instant(10 * time.Minute)}
	full := scene{policy: RetryTask, nodes: []NodeJoined{worker("w", 3*gib, 20)}, splits: someSplits(8, gib),
		stages: []Stage{{ID: 0, Distribution: Arbitrary, Sources: 1, OutputPartitions: 1, RowLimit: 2, MemoryRequest: 2 * gib},
			{ID: 1, Inputs: []Input{{Stage: 0}}, OutputPartitions: 1, Root: true, MemoryRequest: 2 * gib}},
		takes: func(StartTask) time.Duration { return time.Minute }, until: Instant(5 * time.Minute)}
	set := DefaultSettings()
	set.SpreadMinSize, set.TaskMemory = 0, 4*gib
	large := slices.Clone(scan)
	large[0].MemoryRequest = 11 * gib
	report := NodeMemory{At: sceneBegins.Add(time.Second), Node: "w", Instance: "i", PoolBytes: 16 * gib, UsedBytes: 5 * gib,
		Tasks: []TaskMemory{{Task: TaskID{"q", 0, 0, 0}, Bytes: 5 * gib}}}
	crowded := scene{policy: RetryTask, nodes: []NodeJoined{worker("w", 16*gib, 20)}, stages: scan, splits: someSplits(1, gib),
		takes:  func(StartTask) time.Duration { return time.Hour },
		events: []Event{report, QuerySubmitted{At: sceneBegins.Add(2 * time.Second), Query: Query{ID: "r", Policy: RetryTask, Settings: set, Stages: large}}},
		until:  Instant(time.Minute)}
	report.UsedBytes, report.Tasks = 17*gib, []TaskMemory{{Task: TaskID{"q", 0, 0, 0}, Bytes: 9 * gib, Millis: 1e6},
		{Task: TaskID{"q", 0, 1, 0}, Bytes: 8 * gib, Millis: 1}}
	overfull := crowded
	overfull.splits, overfull.events = someSplits(2, gib), []Event{report}
	overfullQuery := overfull
	overfullQuery.policy = RetryNone
	shown := map[string]bool{}
	for _, test := range []struct {
		field          string
		scene          scene
		change         func(*Config)
		changed, usual string
	}{
		{"NoMatchingNodePeriod", nobody, func(c *Config) { c.NoMatchingNodePeriod = time.Minute }, "1m0s query-failed", "10m0s query-failed"},
		{"ExhaustedNodeWait", near, func(c *Config) { c.ExhaustedNodeWait = time.Minute }, "1m0s start q.0.1.0 w", "2m0s start q.0.1.0 w"},
		{"LocalScheduling", near, func(c *Config) { c.LocalScheduling = false }, "\n0s start q.0.1.0 w", "2m0s start q.0.1.0 w"},
		{"RuntimeMemoryOverhead", crowded, func(c *Config) { c.RuntimeMemoryOverhead = 0 }, "2s start r.0.0.0", ""},
		{"EagerOvercommit", full, func(c *Config) { c.EagerOvercommit = 0 }, "", "1m0s start q.0.2.0"},
		{"TaskLowMemoryKiller", overfull, func(c *Config) { c.TaskLowMemoryKiller = KillLeastWaste }, "1s cancel q.0.1.0", "1s cancel q.0.0.0"},
		{"QueryLowMemoryKiller", overfullQuery, func(c *Config) { c.QueryLowMemoryKiller = KillNone }, "", "CLUSTER_OUT_OF_MEMORY"},
	} {
		shown[test.field] = true
		cfg := DefaultConfig()
		test.change(&cfg)
		if reflect.DeepEqual(cfg, DefaultConfig()) {
			t.Errorf("%s: nothing is changed", test.field)
		}
		changed, usual := test.scene.play(set, cfg), test.scene.play(set, DefaultConfig())
		if changed == usual || !strings.Contains(changed, test.changed) || !strings.Contains(usual, test.usual) ||
			test.changed != "" && strings.Contains(usual, test.changed) || test.usual != "" && strings.Contains(changed, test.usual) {
			t.Errorf("%s makes\n%s\nof\n%s", test.field, changed, usual)
		}
	}
	for f := range reflect.TypeFor[Config]().Fields() {
		if !shown[f.Name] {
			t.Errorf("nothing shows what %s does", f.Name)
		}
	}
}
