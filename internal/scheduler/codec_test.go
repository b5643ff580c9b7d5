package scheduler

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// Every kind of event comes back as it was, and prints as one line that begins with its kind.
func TestEventsRoundTrip(t *testing.T) {
	id := TaskID{"20260131_121314_00001_abcde", 1, 2, 3}
	f := Failure{Code: "CORRUPT_PAGE", Type: 1, Message: "m", Task: &id, Node: "w"}
	events := []Event{
		NodeJoined{At: 1, Node: "w", Instance: "i", MemBytes: 2, Slots: 3, Host: "h", Coordinator: true},
		NodeDraining{At: 1, Node: "w"},
		NodeLost{At: 1, Node: "w", Instance: "i", Message: "m"},
		NodeLeft{At: 1, Node: "w", Instance: "i"},
		NodeMemory{At: 1, Node: "w", Instance: "i", UsedBytes: 1, PoolBytes: 2, Tasks: []TaskMemory{{Task: id, Bytes: 1 << 60, Millis: 4}}},
		QuerySubmitted{At: 1, Query: Query{ID: "q", Policy: RetryTask, Settings: DefaultSettings(), Direct: true, Adaptive: true, Stages: []Stage{{
			ID: 1, Inputs: []Input{{Stage: 2, Replicated: true}, {Stage: 5, Whole: true}}, After: []StageID{3}, Sources: 1, Distribution: Hash, OutputPartitions: 4, Root: true, Writer: true,
			ScaleWriters: true, CoordinatorOnly: true, MemoryRequest: 5, NoMemory: true, RowLimit: 6, Indeterminate: true, Ordered: true,
		}}}},
		SplitsFound{At: 1, Query: "q", Stage: 1, Source: 2, Seen: 3, Splits: []Split{{Source: 1, ID: "s", Bytes: 2, Hosts: []string{"h"}, Pinned: true, Group: 4}}, NoMore: true},
		SplitsFailed{At: 1, Query: "q", Stage: 1, Source: 2, Seen: 3, Failure: f},
		TaskStarted{At: 1, Task: id},
		TaskFinished{At: 1, Task: id, Rows: []int64{1}, Bytes: []int64{2}, PeakMemory: 3, CPU: 4, Wall: 5, Output: "o", Inline: true},
		TaskFailed{At: 1, Task: id, Failure: f, PeakMemory: 2, Lost: []OutputRef{{1, 2, 3}}},
		OutputLost{At: 1, Query: "q", Output: OutputRef{1, 2, 3}, Reason: "r"},
		ResultTaken{At: 1, Query: "q", Attempt: 2},
		Replanned{At: 1, Query: "q", Version: 2, Stages: []Stage{{ID: 1}}},
		CancelQuery{At: 1, Query: "q"},
		FailQuery{At: 1, Query: "q", Failure: f},
		ForgetQuery{At: 1, Query: "q"},
		Tick{At: 1},
	}
	if len(events) != len(eventKinds) {
		t.Errorf("%d events are tested, there are %d kinds", len(events), len(eventKinds))
	}
	for i, ev := range events {
		data, err := EncodeEvent(ev)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeEvent(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back, ev) {
			t.Errorf("%v came back as %v", ev, back)
		}
		if line := ev.String(); strings.Contains(line, "\n") || !strings.HasPrefix(line, eventKinds[i].name) {
			t.Errorf("event %s prints as %q", eventKinds[i].name, line)
		}
	}
}

func TestInstant(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 13, 14, 15, time.UTC)
	if got := InstantOf(now).Add(time.Second).Time(); !got.Equal(now.Add(time.Second)) {
		t.Errorf("got %s", got)
	}
	if d := InstantOf(now).Sub(InstantOf(now.Add(-time.Hour))); d != time.Hour {
		t.Errorf("got %s", d)
	}
}

// FuzzDecodeEvent: whatever can be decoded can be encoded and comes back the same.
func FuzzDecodeEvent(f *testing.F) {
	for _, k := range eventKinds {
		data, err := EncodeEvent(k.zero)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ev, err := DecodeEvent(data)
		if err != nil {
			return
		}
		once, err := EncodeEvent(ev)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeEvent(once)
		if err != nil {
			t.Fatal(err)
		}
		twice, err := EncodeEvent(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s became %s (%v)", once, twice, err)
		}
	})
}

// FuzzParseTaskID: what parses prints as a text that parses to the same.
func FuzzParseTaskID(f *testing.F) {
	f.Add("20260131_121314_00001_abcde.1.2.3")
	f.Add("q.0.0.-1")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := ParseTaskID(text)
		if err != nil {
			return
		}
		if again, err := ParseTaskID(id.String()); err != nil || again != id {
			t.Fatalf("%q became %v (%v)", text, again, err)
		}
	})
}
