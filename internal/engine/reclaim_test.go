package engine

import (
	"testing"
	"time"
)

// grow makes an instance fill about 80 MB of memory and free them.
func grow(t *testing.T, i *Instance) {
	t.Helper()
	for _, sql := range []string{"CREATE TABLE grown AS SELECT hash(range) AS h, hash(range + 1) AS g FROM range(5000000)", "DROP TABLE grown"} {
		if err := i.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

// What was freed goes back to the system when the process holds more than it should, and only then.
func TestReclaim(t *testing.T) {
	i := open(t, 0)
	grow(t, i)
	held := unusedBytes()
	if held < 32<<20 {
		t.Fatalf("the allocator keeps %d bytes only of what was freed", held)
	}
	now := time.Now()
	for _, limit := range []int64{0, 1 << 50} {
		r := reclaimer{limit: limit}
		if r.tick(now); r.given != 0 {
			t.Errorf("with a limit of %d memory was given back", limit)
		}
	}
	r := reclaimer{limit: 64 << 20} // less than the program itself
	before := residentBytes()
	r.tick(now)
	if r.given != 1 {
		t.Fatal("nothing was given back")
	}
	if after := residentBytes(); unusedBytes() > held/2 || after > before-held/2 {
		t.Errorf("of %d unused bytes %d are left, of %d resident ones %d", held, unusedBytes(), before, after)
	}
	if !r.next.After(now) {
		t.Error("the next look is not put off")
	}
	if r.tick(now); r.given != 1 {
		t.Error("memory was given back again at once")
	}
}

// A statement that runs in a process which holds too much gives memory back meanwhile.
func TestReclaimWhileRunning(t *testing.T) {
	i, err := Open(t.Context(), Config{MemoryLimit: 1 << 30, ResidentLimit: 32 << 20, Threads: 2, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	for range 100 {
		grow(t, i)
		if i.monitor.reclaimer.given > 0 {
			return
		}
	}
	t.Error("nothing was given back")
}
