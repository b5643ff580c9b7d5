package engine

import (
	"context"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// slow is a source of one row that takes its time.
type slow time.Duration

func (slow) Partitions() int { return 1 }

func (s slow) Open(context.Context, int, []int) (connector.BatchReader, error) {
	return &slowReader{pause: time.Duration(s)}, nil
}

type slowReader struct {
	pause time.Duration
	ended bool
}

func (r *slowReader) Next(b *connector.Batch, _ int) (int, error) {
	if r.ended {
		return 0, nil
	}
	time.Sleep(r.pause)
	r.ended = true
	b.Columns, b.Rows = []connector.Vector{{I64: []int64{1}}}, 1
	return 1, nil
}

func (r *slowReader) Close() error { return nil }

// While one thread has all the work, and waits for it, the others do nothing, whichever thread DuckDB gives the work to.
func TestWaitingCostsNothing(t *testing.T) {
	const pause, runs = 50 * time.Millisecond, 20
	i := open(t, 0)
	err := i.BindBatches(t.Context(), "slow", Table{Columns: []connector.Column{{Name: "n", Type: types.Of(types.BigInt)}}, Source: slow(pause)})
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func() error{
		"exec": func() error { return i.Exec(t.Context(), "CREATE OR REPLACE TEMP TABLE copy AS SELECT n FROM slow") },
		"query": func() error {
			return i.QueryChunks(t.Context(), "SELECT sum(n) FROM slow", func(*Chunk) error { return nil })
		},
	} {
		before := processorTime(t)
		for range runs {
			if err := run(); err != nil {
				t.Fatal(err)
			}
		}
		if used := processorTime(t) - before; used > runs*pause/4 {
			t.Errorf("%s: %d runs that wait %s each used %s of processor time", name, runs, pause, used)
		}
	}
}

// processorTime is what this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Several statements run in their order, and the first that fails ends them.
func TestExecOfSeveralStatements(t *testing.T) {
	i := open(t, 0)
	if err := i.Exec(t.Context(), "CREATE TEMP TABLE a AS SELECT 1 AS n; INSERT INTO a SELECT n + 1 FROM a; -- no more"); err != nil {
		t.Fatal(err)
	}
	if err := i.Exec(t.Context(), "INSERT INTO a VALUES (7); SELECT error('no'); INSERT INTO a VALUES (8)"); err == nil {
		t.Fatal("no error")
	}
	if got := text(t, i, "SELECT string_agg(n, ' ' ORDER BY n) FROM a"); got != "1 2 7\n" && got != "1 2 7" {
		t.Errorf("got %q", got)
	}
}
