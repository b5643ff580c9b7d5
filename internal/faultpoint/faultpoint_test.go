package faultpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// arm makes a rule, of some age, with a permission to strike.
func arm(t *testing.T, dir, point, rule string, age time.Duration) {
	t.Helper()
	fault := FaultDir(dir, point, "f")
	if err := os.MkdirAll(fault, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(fault, RuleFile)
	for name, text := range map[string]string{file: rule, filepath.Join(fault, "1"+TokenFile): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := time.Now().Add(-age)
	if err := os.Chtimes(file, made, made); err != nil {
		t.Fatal(err)
	}
}

// failure-injection.expiration-period: a rule that is older strikes no more.
func TestRulesExpire(t *testing.T) {
	const rule = `{"point": "before-run", "effect": "fail", "code": "GENERIC_INTERNAL_ERROR"}`
	for _, test := range []struct {
		age, lifetime time.Duration
		strikes       bool
	}{
		{0, time.Minute, true}, {2 * time.Minute, time.Minute, false}, {2 * time.Minute, time.Hour, true}, {2 * time.Minute, 0, true},
	} {
		dir := t.TempDir()
		arm(t, dir, BeforeRun, rule, test.age)
		if err := Open(dir).Limit(test.lifetime, 0).Reach(t.Context(), BeforeRun, "q.0.0.0"); (err != nil) != test.strikes {
			t.Errorf("a rule %s old with %s to live: %v", test.age, test.lifetime, err)
		}
	}
}

// failure-injection.request-timeout: who is held goes on after it, though nobody has released him.
func TestHoldEnds(t *testing.T) {
	for _, effect := range []string{"hold", "deaf"} {
		dir := t.TempDir()
		arm(t, dir, CallStart, `{"point": "call-start", "effect": "`+effect+`"}`, 0)
		begun := time.Now()
		if err := Open(dir).Limit(0, 50*time.Millisecond).Reach(t.Context(), CallStart, "q.0.0.0"); err != nil {
			t.Errorf("%s: %v", effect, err)
		}
		if took := time.Since(begun); took < 50*time.Millisecond {
			t.Errorf("%s: held for %s", effect, took)
		}
	}
}

// Faults come and go while a process passes their point in many goroutines: each token strikes once, and what was read of a fault
// is forgotten with it.
func TestFaultsComeAndGo(t *testing.T) {
	const goroutines, faults, tokens = 4, 30, 3
	dir := t.TempDir()
	p := Open(dir)
	var strikes atomic.Int64
	var stop atomic.Bool
	var passers sync.WaitGroup
	defer passers.Wait()
	defer stop.Store(true)
	for range goroutines {
		passers.Go(func() {
			for !stop.Load() {
				switch err := p.Reach(t.Context(), BeforeRead, "q.0.0.0"); {
				case err == nil:
				case err.Error() == Message:
					strikes.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range faults {
		name := fmt.Sprintf("f%d", i)
		made := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(dir, BeforeRead), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(made, 0o700); err != nil {
			t.Fatal(err)
		}
		files := map[string]string{RuleFile: `{"point": "before-read", "effect": "fail", "code": "GENERIC_INTERNAL_ERROR"}`}
		for n := range tokens {
			files[strconv.Itoa(n)+TokenFile] = ""
		}
		for file, text := range files {
			if err := os.WriteFile(filepath.Join(made, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Rename(made, FaultDir(dir, BeforeRead, name)); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); strikes.Load() < int64((i+1)*tokens) && !t.Failed(); time.Sleep(100 * time.Microsecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d strikes after %d faults", strikes.Load(), i+1)
			}
		}
		if err := os.Rename(FaultDir(dir, BeforeRead, name), made); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(made); err != nil {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	passers.Wait()
	if got := strikes.Load(); got != faults*tokens {
		t.Errorf("%d strikes, want %d", got, faults*tokens)
	}
	if err := p.Reach(t.Context(), BeforeRead, "q.0.0.0"); err != nil {
		t.Error(err)
	}
	if n := len(p.known[BeforeRead]); n > 0 {
		t.Errorf("%d faults are remembered that are gone", n)
	}
}
