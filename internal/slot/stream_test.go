package slot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// large gives some tens of megabytes that do not compress.
const large = "SELECT range AS k, hash(range) AS h, hash(range + 1) AS g, (range % 7)::INTEGER AS p FROM range(2000000)"

// smallBuffers let outputs go out in parts early.
func smallBuffers(c *Config) {
	c.Exchange = Exchange{BufferBytes: 256 << 10}
	c.MemoryBytes = 256 << 20
}

// disk is what the files below a directory take of the disk.
func disk(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			bytes += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return nil
	})
	return bytes
}

// A large output goes out while it is written, in parts, and comes back as one file a partition.
func TestStream(t *testing.T) {
	for _, n := range []int32{1, 7} {
		t.Run(fmt.Sprint(n, " partitions"), func(t *testing.T) {
			f := begin(t, smallBuffers)
			task := f.writing("q.0.0.0", large, n)
			task.Output.(*rpcv1.Task_Exchange).Exchange.MaxFileBytes = 20 << 20
			made, failed := f.run(task)
			if failed != nil {
				t.Fatal(failed)
			}
			parts, files := 0, 0
			for _, s := range made.Segments {
				if s.Kind == exchange.FilePart {
					parts++
				} else {
					files++
				}
			}
			if parts < int(n) || files != int(n) || made.Rows() != 2_000_000 || len(made.Objects) < 2 {
				t.Errorf("%d parts, %d files, %d rows, %d objects", parts, files, made.Rows(), len(made.Objects))
			}
			f.idle()
			sql := "SELECT key AS k FROM in0 WHERE key % 7 = 3 AND hash(key) % 2 = 0"
			read, failed := f.run(f.writing("q.1.0.0", sql, 1, reading(t, []int32{0, 3}, made)))
			if failed != nil {
				t.Fatal(failed)
			}
			all, failed := f.run(f.writing("q.1.1.0", "SELECT range AS k FROM range(2000000) WHERE range % 7 = 3 AND hash(range) % 2 = 0", 1))
			if failed != nil || all.Rows() != read.Rows() {
				t.Errorf("%d rows instead of %d, %v", read.Rows(), all.Rows(), failed)
			}
		})
	}
}

// slowStore takes some time for every write.
type slowStore struct {
	store.Store
	delay time.Duration
	fail  func(n int) error
	mu    sync.Mutex
	n     int
}

func (s *slowStore) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	w, err := s.Store.Create(ctx, key, o)
	return slowWriter{w, s}, err
}

type slowWriter struct {
	store.Writer
	s *slowStore
}

func (w slowWriter) Write(p []byte) (int, error) {
	w.s.mu.Lock()
	w.s.n++
	n := w.s.n
	w.s.mu.Unlock()
	if w.s.fail != nil {
		if err := w.s.fail(n); err != nil {
			return 0, err
		}
	}
	time.Sleep(w.s.delay)
	return w.Writer.Write(p)
}

func slow(dir string, delay time.Duration, fail func(n int) error) store.Opener {
	return func(context.Context, *url.URL) (store.Store, error) {
		s, err := local.New(dir)
		return &slowStore{Store: s, delay: delay, fail: fail}, err
	}
}

// untilSteady waits until what the files below a directory take has not changed for a while: their writer waits too, or has ended.
func untilSteady(dir string) {
	last, since := disk(dir), time.Now()
	for time.Since(since) < 500*time.Millisecond {
		time.Sleep(10 * time.Millisecond)
		if now := disk(dir); now != last {
			last, since = now, time.Now()
		}
	}
}

// A statement that writes faster than its output can be sent is held back: the scratch directory does not grow with the output, however
// many partitions it has.
func TestStreamHoldsBack(t *testing.T) {
	for _, c := range []struct {
		name, sql  string
		partitions int32
	}{
		{"partitions", large, 7},
		{"one partition", large, 1},
		{"one partition in order", large + " ORDER BY hash(range)", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			var output string
			f := begin(t, func(cfg *Config) {
				smallBuffers(cfg)
				output = filepath.Join(cfg.ScratchDir, "output")
				cfg.Stores.Openers["slow"] = slow(dir, 2*time.Millisecond, func(n int) error {
					if n == 1 {
						untilSteady(output)
					}
					return nil
				})
			})
			task := f.writing("q.0.0.0", c.sql, c.partitions)
			task.Output.(*rpcv1.Task_Exchange).Exchange.Store = "slow://x"
			stop, peak := make(chan struct{}), make(chan int64)
			go func() {
				most := int64(0)
				for {
					select {
					case <-stop:
						peak <- most
						return
					case <-time.After(2 * time.Millisecond):
						most = max(most, disk(output))
					}
				}
			}()
			made, failed := f.run(task)
			close(stop)
			most := <-peak
			if failed != nil {
				t.Fatal(failed)
			}
			// The pool of some MB, and what DuckDB had in memory when it was held back: half a million rows a thread.
			if total := made.StoredBytes(); most > 3*total/4 {
				t.Errorf("%d bytes of %d were on the disk at a time", most, total)
			}
			f.idle()
		})
	}
}

// However fast a statement writes, it passes what its output may hold by little.
func TestStreamPace(t *testing.T) {
	dir := t.TempDir()
	const pool, vector = 4 << 20, 56 << 10
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &stream{a: &attempt{}, dir: dir, pool: pool, ctx: ctx, cancel: cancel, began: time.Now()}
	f, err := os.Create(filepath.Join(dir, "data_0.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var written atomic.Int64
	ended := make(chan error, 1)
	go func() {
		for rows := make([]byte, vector); ; written.Add(vector) {
			if err := s.pace(); err != nil {
				ended <- err
				return
			}
			if _, err := f.Write(rows); err != nil {
				ended <- err
				return
			}
		}
	}()
	untilSteady(dir)
	cancel(io.ErrUnexpectedEOF)
	if err := <-ended; err != io.ErrUnexpectedEOF {
		t.Fatal(err)
	}
	if n := written.Load(); n < pool || n > pool+(streamLook+1)*vector+pool/4 {
		t.Errorf("%d bytes were written for a pool of %d", n, pool)
	}
}

// cut reports whether the disk has got something back of the files below a directory.
func cut(dir string) bool {
	size := int64(0)
	_ = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			size += info.Size() / streamStep * streamStep
		}
		return nil
	})
	return disk(dir) < size
}

// A place that does not take the beginning of an output is left for another; one that fails once parts of the output are nowhere else fails
// the attempt, and nothing is left there.
func TestStreamFails(t *testing.T) {
	for _, routed := range []bool{true, false} {
		t.Run(fmt.Sprint("routed ", routed), func(t *testing.T) {
			dir := t.TempDir()
			broken := errors.New("broken pipe of a test")
			var output string
			f := begin(t, func(cfg *Config) {
				smallBuffers(cfg)
				output = filepath.Join(cfg.ScratchDir, "output")
				cfg.Stores.Openers["bad"] = slow(dir, 0, func(n int) error {
					if routed && n >= 3 || !routed && cut(output) {
						return broken
					}
					return nil
				})
			})
			task := f.writing("q.0.0.0", large, 7)
			out := task.Output.(*rpcv1.Task_Exchange).Exchange
			out.Store, out.Alternatives = "bad://x", []string{f.spool.URI()}
			made, failed := f.run(task)
			switch {
			case routed && (failed != nil || made.Base != f.spool.URI() || made.Rows() != 2_000_000):
				t.Errorf("%v, %v", made, failed)
			case !routed && failed == nil:
				t.Error("no failure")
			}
			f.idle()
			if left := disk(dir); left != 0 {
				t.Errorf("%d bytes left", left)
			}
		})
	}
}

// A cancelled attempt whose output is being sent ends, and leaves nothing.
func TestStreamCancelled(t *testing.T) {
	dir := t.TempDir()
	begun := make(chan struct{})
	var once sync.Once
	f := begin(t, func(c *Config) {
		smallBuffers(c)
		c.Stores.Openers["slow"] = slow(dir, 20*time.Millisecond, func(int) error { once.Do(func() { close(begun) }); return nil })
	})
	task := f.writing("q.0.0.0", large, 7)
	task.Output.(*rpcv1.Task_Exchange).Exchange.Store = "slow://x"
	f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}})
	go func() {
		<-begun
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Cancel{Cancel: &rpcv1.Failure{Code: "USER_CANCELED"}}})
	}()
	if m := f.end(); m.GetFailed() == nil {
		t.Errorf("%v", m)
	}
	f.idle()
	if left := disk(dir); left != 0 {
		t.Errorf("%d bytes left", left)
	}
}
