package worker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// slotEnv makes the test binary a slot, whose attempts do what their statement says.
const slotEnv = "WORKER_TEST_SLOT"

func TestMain(m *testing.M) {
	if os.Getenv(slotEnv) != "" {
		actAsSlot(os.Getenv(slotEnv))
		return
	}
	goleak.VerifyTestMain(m)
}

func actAsSlot(how string) {
	if how == "broken" {
		os.Exit(3)
	}
	conn := os.NewFile(3, "worker")
	send := func(m *rpcv1.SlotMessage) {
		if err := rpc.WriteFrame(conn, m); err != nil {
			os.Exit(4)
		}
	}
	r := bufio.NewReader(conn)
	send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Ready{Ready: true}})
	var task *rpcv1.Task
	for {
		m, err := rpc.ReadFrame(r)
		if err != nil {
			os.Exit(0)
		}
		if c := m.GetCancel(); c != nil && task.GetSql() != "deaf" {
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Failed{Failed: &rpcv1.Failed{Task: task.Id, Failure: c}}})
		}
		if seen := m.GetRead(); seen != nil { // the client has read, and so the task goes on to its end
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Finished{Finished: &rpcv1.Finished{Task: task.Id, Bundle: fmt.Append(nil, seen)}}})
		}
		if m.GetRun() == nil {
			continue
		}
		task = m.GetRun()
		switch task.Sql {
		case "finish":
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Progress{Progress: &rpcv1.Progress{Task: task.Id, InputRows: 7}}})
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Finished{Finished: &rpcv1.Finished{Task: task.Id, Bundle: []byte(fmt.Sprint(os.Getpid()))}}})
		case "fail":
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Failed{Failed: &rpcv1.Failed{Task: task.Id,
				Failure: rpc.FailureOf(trinoerr.New(trinoerr.DivisionByZero, "Division by zero"))}}})
		case "show":
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Grown{Grown: &rpcv1.Grown{Task: task.Id, First: 3}}})
		case "exit":
			os.Exit(7)
		case "nonsense":
			conn.Write([]byte{0, 0, 0, 1, 0xff})
		case "wrong message":
			send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}})
		case "grow":
			block := make([]byte, 700<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			time.Sleep(time.Minute)
			fmt.Fprint(io.Discard, block[0])
		}
	}
}

// testSlots runs slots until the end of the test.
func testSlots(t *testing.T, count int, command func(int) *exec.Cmd) (*slots, *eventLog) {
	t.Helper()
	events := newEventLog()
	if command == nil {
		command = slotCommand
	}
	s := newSlots(command, count, events, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return s, events
}

func slotCommand(int) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), slotEnv+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// ends waits for n ends of attempts and returns all there are, by task, as the name of the error or "" for success.
func ends(t *testing.T, l *eventLog, n int) map[string]string {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		found, changed := l.after(0)
		if len(found) >= n {
			out := map[string]string{}
			for _, e := range found {
				id, code := e.GetFinished().GetTask(), ""
				if f := e.GetFailed(); f != nil {
					id, code = f.Task, f.Failure.Code
				}
				if _, twice := out[id]; twice {
					t.Errorf("%s ended twice", id)
				}
				out[id] = code
			}
			return out
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%d attempts have ended, want %d", len(found), n)
		}
	}
}

func task(id, does string) *rpcv1.Task { return &rpcv1.Task{Id: id, Sql: does} }

// Every attempt ends once, with the right cause, and whatever it does to its slot the next one runs.
func TestAttemptsEnd(t *testing.T) {
	for _, tt := range []struct{ does, code string }{
		{"finish", ""},
		{"fail", "DIVISION_BY_ZERO"},
		{"exit", "REMOTE_TASK_ERROR"},
		{"nonsense", "REMOTE_TASK_ERROR"},
		{"wrong message", "REMOTE_TASK_ERROR"},
	} {
		t.Run(tt.does, func(t *testing.T) {
			s, l := testSlots(t, 1, nil)
			first, second := task("q.0.0.0", tt.does), task("q.0.1.0", "finish")
			first.Key, second.Key = []byte("secret"), []byte("secret")
			s.start(first, 0)
			s.start(second, 0)
			got := ends(t, l, 2)
			if k := string(first.Key) + string(second.Key); strings.Trim(k, "\x00") != "" {
				t.Errorf("the worker still has the keys: %q", k)
			}
			if got["q.0.0.0"] != tt.code || got["q.0.1.0"] != "" {
				t.Errorf("got %v", got)
			}
			said, _ := l.after(0)
			if f := said[0].GetFailed(); tt.code == "REMOTE_TASK_ERROR" && (!f.Failure.SlotDied || !strings.Contains(f.Failure.Message, "q.0.0.0")) {
				t.Errorf("got %v", f)
			}
			waitIdle(t, s)
		})
	}
}

// waitIdle waits until no attempt is known: its end is reported a moment before.
func waitIdle(t *testing.T, s *slots) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); s.running() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still known: %v", s.tasks())
		}
	}
}

// Attempts beyond the slots wait; a second start of the same attempt does nothing.
func TestAttemptsWait(t *testing.T) {
	s, l := testSlots(t, 2, nil)
	const n = 20
	for i := range n {
		s.start(task(fmt.Sprintf("q.0.%d.0", i), "finish"), 0)
		s.start(task(fmt.Sprintf("q.0.%d.0", i), "finish"), 0)
	}
	ends(t, l, n)
	waitIdle(t, s)
	s.start(task("q.0.0.0", "finish"), 0) // not even after its end
	s.start(task("q.0.99.0", "finish"), 0)
	ends(t, l, n+1)
	found, _ := l.after(0)
	processes := map[string]bool{}
	for _, e := range found {
		processes[string(e.GetFinished().GetBundle())] = true
	}
	if len(found) > n+1 || len(processes) > 2 {
		t.Errorf("%d ends in %d processes", len(found), len(processes))
	}
}

// A light attempt does not wait for those that fill the slots, and none of these gets its slot.
func TestLightAttempt(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	light := func(id, sql string) *rpcv1.Task {
		a := task(id, sql)
		a.Light = true
		return a
	}
	s.start(task("q.0.0.0", "sleep"), 0)
	s.start(task("q.0.1.0", "finish"), 0)
	for _, id := range []string{"q.1.0.0", "q.1.1.0"} {
		s.start(light(id, "finish"), 0)
	}
	if got := ends(t, l, 2); got["q.1.0.0"] != "" || got["q.1.1.0"] != "" || len(got) != 2 {
		t.Errorf("ended: %v", got)
	}
	for deadline := time.Now().Add(5 * time.Second); s.running() > 2 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
	}
	if got := s.tasks(); !slices.Equal(got, []string{"q.0.0.0", "q.0.1.0"}) {
		t.Errorf("left: %v", got)
	}
	s.start(light("q.2.0.0", "sleep"), 0)
	s.start(light("q.2.1.0", "finish"), 0)
	s.cancel("q.2.1.0", 0, trinoerr.New(trinoerr.UserCanceled, "while it waits"))
	s.cancel("q.2.0.0", 0, trinoerr.New(trinoerr.UserCanceled, "while it runs"))
	if got := ends(t, l, 4); got["q.2.0.0"] != "USER_CANCELED" || got["q.2.1.0"] != "USER_CANCELED" {
		t.Errorf("cancelled: %v", got)
	}
}

func TestCancel(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	cause := func(text string) *trinoerr.Error { return trinoerr.New(trinoerr.UserCanceled, "%s", text) }
	s.start(task("q.0.0.0", "sleep"), 0)
	s.start(task("q.0.1.0", "finish"), 0)
	s.cancel("q.0.1.0", 0, cause("waiting"))
	if got := ends(t, l, 1); got["q.0.1.0"] != "USER_CANCELED" {
		t.Errorf("while it waits: %v", got)
	}
	s.cancel("q.0.0.0", 0, cause("first"))
	s.cancel("q.0.0.0", 0, cause("second"))
	s.cancel("q.9.9.9", 0, cause("unknown"))
	ends(t, l, 2)
	found, _ := l.after(1)
	if f := found[0].GetFailed(); f.Task != "q.0.0.0" || f.Failure.Message != "first" || f.Failure.SlotDied {
		t.Errorf("got %v", f)
	}
	// One that does not listen is killed, and its slot comes back.
	s.start(task("q.1.0.0", "deaf"), 0)
	for len(s.memory()) == 0 { // until the slot has it
		time.Sleep(time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
	begun := time.Now()
	s.cancel("q.1.0.0", 0, cause("stop"))
	s.start(task("q.1.1.0", "finish"), 0)
	got := ends(t, l, 4)
	if took := time.Since(begun); got["q.1.0.0"] != "USER_CANCELED" || got["q.1.1.0"] != "" || took < cancelGrace {
		t.Errorf("after %s: %v", took, got)
	}
}

// A start has no effect when it comes after its attempt's end was acknowledged, or after the attempt's cancellation.
func TestLateStart(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	s.start(task("q.0.0.0", "finish"), 0)
	ends(t, l, 1)
	for s.running() > 0 {
		time.Sleep(time.Millisecond)
	}
	l.acknowledge(1)
	s.start(task("q.0.0.0", "finish"), 0)
	s.cancel("q.0.1.0", 0, trinoerr.New(trinoerr.UserCanceled, "before it was started"))
	s.start(task("q.0.1.0", "finish"), 0)
	if n := s.running(); n != 0 {
		t.Errorf("%d attempts run", n)
	}
	s.start(task("q.0.2.0", "finish"), 0)
	if got := ends(t, l, 1); len(got) != 1 || got["q.0.2.0"] != "" {
		t.Errorf("ended: %v", got)
	}
}

// An attempt takes the place of one with its name that a coordinator before had decided on, whether that runs, waits or has ended. What
// comes from that coordinator afterwards has no effect.
func TestAttemptsOfSameName(t *testing.T) {
	for _, before := range []string{"sleep", "finish", "waits", "deaf"} {
		s, l := testSlots(t, 1, nil)
		s.start(task("q.9.0.0", "finish"), 1)
		if before == "waits" {
			s.start(task("q.8.0.0", "sleep"), 1)
		}
		s.start(task("q.0.0.0", before), 1)
		ends(t, l, 1)
		if before == "finish" {
			ends(t, l, 2)
		}
		s.start(task("q.0.0.0", "finish"), 2)
		s.start(task("q.0.0.0", "sleep"), 1)
		s.start(task("q.0.0.0", "sleep"), 2)
		s.start(task("q.9.0.0", "sleep"), 1)
		s.cancel("q.7.0.0", 2, trinoerr.New(trinoerr.UserCanceled, "before it was started"))
		s.start(task("q.7.0.0", "sleep"), 2)
		s.cancel("q.8.0.0", 2, trinoerr.New(trinoerr.UserCanceled, "enough"))
		var decided []uint64
		for deadline := time.Now().Add(time.Minute); len(decided) < 2 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			decided = nil
			events, _ := l.after(0)
			for _, e := range events {
				if e.GetFinished().GetTask() == "q.0.0.0" {
					decided = append(decided, e.GetFinished().Decided)
				}
				if e.GetFailed().GetTask() == "q.0.0.0" {
					decided = append(decided, e.GetFailed().Decided)
				}
			}
		}
		if !slices.Equal(decided, []uint64{1, 2}) {
			t.Errorf("%s: attempts of the epochs %d have ended", before, decided)
		}
		for deadline := time.Now().Add(time.Minute); s.running() > 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: still running: %v", before, s.tasks())
			}
		}
	}
}

// A slot that says nothing is killed, and only its attempt fails.
func TestSilentSlot(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	s.silence = 200 * time.Millisecond
	s.start(task("q.0.0.0", "deaf"), 0)
	s.start(task("q.0.1.0", "finish"), 0)
	if got := ends(t, l, 2); got["q.0.0.0"] != "REMOTE_TASK_ERROR" || got["q.0.1.0"] != "" {
		t.Errorf("ended: %v", got)
	}
}

func TestRecent(t *testing.T) {
	r := newRecent(2)
	for i, step := range []struct {
		id  string
		add bool
	}{{"a", true}, {"b", true}, {"a", false}, {"c", true}, {"b", false}, {"a", true}, {"b", true}, {"a", false}} {
		if got := r.add(step.id, 0); got != step.add {
			t.Errorf("step %d: add(%s) = %v", i, step.id, got)
		}
	}
	if len(r.ids) != 2 {
		t.Errorf("remembers %v", r.ids)
	}
}

func TestDeadline(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	a := task("q.0.0.0", "sleep")
	a.DeadlineMillis = 20
	s.start(a, 0)
	if got := ends(t, l, 1); got["q.0.0.0"] != "EXCEEDED_TIME_LIMIT" {
		t.Errorf("got %v", got)
	}
}

// An attempt that takes more memory than it may is killed before the machine suffers.
func TestMemoryLimit(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	a := task("q.0.0.0", "grow")
	a.MemoryBytes = 16 << 20
	s.start(a, 0)
	ends(t, l, 1)
	found, _ := l.after(0)
	if f := found[0].GetFailed().GetFailure(); f.GetCode() != "EXCEEDED_LOCAL_MEMORY_LIMIT" || f.GetSlotDied() {
		t.Errorf("got %v", f)
	}
}

// A slot that does not start costs no attempt.
func TestSlotDoesNotStart(t *testing.T) {
	var tries atomic.Int32
	s, l := testSlots(t, 1, func(int) *exec.Cmd {
		cmd := slotCommand(0)
		switch tries.Add(1) {
		case 1:
			cmd.Env = append(os.Environ(), slotEnv+"=broken")
		case 2:
			cmd = exec.Command(filepath.Join(t.TempDir(), "nothing"))
		}
		return cmd
	})
	s.start(task("q.0.0.0", "finish"), 0)
	if got := ends(t, l, 1); got["q.0.0.0"] != "" {
		t.Errorf("got %v", got)
	}
}

// An idle slot that is killed is replaced and costs no attempt.
func TestIdleSlotDies(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	s.start(task("q.0.0.0", "finish"), 0)
	ends(t, l, 1)
	found, _ := l.after(0)
	var pid int
	fmt.Sscan(string(found[0].GetFinished().Bundle), &pid)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for syscall.Kill(pid, 0) == nil { // until it has been waited for
		time.Sleep(time.Millisecond)
	}
	time.Sleep(10 * time.Millisecond)
	s.start(task("q.0.1.0", "finish"), 0)
	if got := ends(t, l, 2); got["q.0.1.0"] != "" {
		t.Errorf("got %v", got)
	}
}

// The end of the worker ends its slots, busy and idle ones.
func TestWorkerEnds(t *testing.T) {
	events := newEventLog()
	s := newSlots(slotCommand, 2, events, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx)
	}()
	s.start(task("q.0.0.0", "finish"), 0)
	ends(t, events, 1)
	s.start(task("q.0.1.0", "deaf"), 0)
	time.Sleep(50 * time.Millisecond)
	cancel()
	select {
	case <-done: // though one would never end by itself
	case <-time.After(time.Minute):
		t.Fatal("the slots are not ended")
	}
	if got := ends(t, events, 2); got["q.0.1.0"] != "SERVER_SHUTTING_DOWN" {
		t.Errorf("got %v", got)
	}
}

// The memory of a running attempt, beyond what every slot may have, is known while it runs, and not before or after.
func TestMemoryOfRunningAttempts(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	big := task("q.0.0.0", "grow")
	big.MemoryBytes = 8 << 30
	s.start(big, 0)
	s.start(task("q.0.1.0", "finish"), 0) // waits
	deadline := time.Now().Add(30 * time.Second)
	for {
		m := s.memory()
		if len(m) > 1 || len(m) == 1 && m[0].Task != big.Id {
			t.Fatalf("memory of %v, of which only %s runs", m, big.Id)
		}
		if len(m) == 1 && m[0].Bytes > 140<<20 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("700 MB are not noticed: %v", m)
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.cancel(big.Id, 0, trinoerr.New(trinoerr.UserCanceled, "enough"))
	ends(t, l, 2)
	for len(s.memory()) > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("memory of %v after their end", s.memory())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// What an attempt shows is an event like its end, before it; that the client has read it reaches the attempt, and nobody else.
func TestShowRows(t *testing.T) {
	s, l := testSlots(t, 1, nil)
	s.start(task("q.0.0.0", "show"), 8)
	s.start(task("q.0.1.0", "finish"), 8) // it waits for the slot
	var found []*rpcv1.Event
	for deadline := time.After(30 * time.Second); len(found) == 0; {
		var changed <-chan struct{}
		found, changed = l.after(0)
		if len(found) > 0 {
			break
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatal("nothing is shown")
		}
	}
	if g := found[0].GetGrown(); g.GetTask() != "q.0.0.0" || g.GetFirst() != 3 || g.GetDecided() != 8 || found[0].Sequence != 1 {
		t.Errorf("%v", found[0])
	}
	s.read(&rpcv1.PagesRead{Task: "q.0.1.0", Pages: 1}) // which does not run
	s.read(&rpcv1.PagesRead{Task: "q.9.9.0", Pages: 1}) // which there is not
	s.read(&rpcv1.PagesRead{Task: "q.0.0.0", Pages: 5})
	l.acknowledge(1)
	if got := ends(t, l, 2); len(got) != 2 {
		t.Errorf("%v", got)
	}
	all, _ := l.after(1)
	if f := all[0].GetFinished(); f.GetTask() != "q.0.0.0" || !strings.Contains(string(f.GetBundle()), "pages:5") {
		t.Errorf("%v", all[0])
	}
}
