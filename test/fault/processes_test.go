package fault

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/faultpoint"
)

// passing is the environment variable that makes this program one that passes a point until the file it names is there.
const passing = "FAULT_TEST_PASS_UNTIL"

func TestMain(m *testing.M) {
	if until := os.Getenv(passing); until != "" {
		os.Exit(pass(until))
	}
	os.Exit(m.Run())
}

// pass passes a point on behalf of the process, in several goroutines.
func pass(until string) int {
	p := faultpoint.Open(os.Getenv(faultpoint.Env))
	var passers sync.WaitGroup
	for i := range 3 {
		passers.Go(func() {
			for {
				err := p.Reach(context.Background(), faultpoint.BeforeRun, fmt.Sprintf("q.%d.%d.0", os.Getpid(), i))
				if err != nil && !strings.Contains(err.Error(), faultpoint.Message) {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				if _, err := os.Stat(until); err == nil {
					return
				}
			}
		})
	}
	passers.Wait()
	return 0
}

// Several processes share the tokens of a fault: each strikes once. They see a fault that is armed while they run, however quickly
// one follows another, and once it is disarmed it strikes nobody.
func TestProcessesShareFaults(t *testing.T) {
	const processes, rounds, times = 3, 15, 4
	d := Dir(t.TempDir())
	until := t.TempDir() + "/until"
	var children []*exec.Cmd
	for range processes {
		c := exec.CommandContext(t.Context(), os.Args[0])
		c.Env = append(os.Environ(), passing+"="+until, faultpoint.Env+"="+string(d))
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children = append(children, c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for round := range rounds {
		unaimed := arm(t, d, "task-fails-half-way", Aim{Task: "0.*.*", Times: Always})
		a := arm(t, d, "task-fails-half-way", Aim{Times: times})
		last := arm(t, d, "slot-crash-before-run", Aim{Task: "0.*.*"}) // the next one at the point, aimed at nobody
		if _, err := a.Await(ctx, times); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for _, f := range []*Armed{unaimed, last} {
			if err := f.Disarm(); err != nil {
				t.Fatal(err)
			}
		}
		s, err := a.Strikes()
		if err != nil || len(s) != times {
			t.Fatalf("round %d: %d strikes, want %d: %v", round, len(s), times, err)
		}
		if err := a.Disarm(); err != nil {
			t.Fatal(err)
		}
		if s, err := a.Strikes(); err != nil || len(s) > 0 {
			t.Fatalf("round %d: strikes %v of a fault that was disarmed, %v", round, s, err)
		}
	}
	if err := os.WriteFile(until, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	left, err := os.ReadDir(string(d))
	if err != nil || len(left) > 0 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}
