package scheduler

import (
	"testing"

	"github.com/cockroachdb/datadriven"
)

// What users of Trino have asked for, each as a script of its own: the number is that of the issue in trinodb/trino.

func TestHostOfSplitsLost19137(t *testing.T)         { wish(t, "host_lost_19137") }
func TestNothingStaysPending18603(t *testing.T)      { wish(t, "pending_18603") }
func TestStagesRunTogether25328(t *testing.T)        { wish(t, "together_25328") }
func TestFewTasksNeedMore10255(t *testing.T)         { wish(t, "few_large_10255") }
func TestLimitStopsItsScan15166(t *testing.T)        { wish(t, "limit_15166") }
func TestFewTasksRunAtTheSameTime22967(t *testing.T) { wish(t, "running_tasks_22967") }

func wish(t *testing.T, name string) {
	t.Helper()
	r := &scriptRunner{state: New(DefaultConfig()), splits: map[string]int{}}
	datadriven.RunTest(t, "testdata/wishes/"+name+".txt", func(t *testing.T, d *datadriven.TestData) string { return r.run(t, d) })
}
