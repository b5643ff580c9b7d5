package slot

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// How output that DuckDB writes is taken away.
const (
	streamStep  = 64 << 10               // files go out in multiples of it: whole packages of the cipher, whole blocks of the disk
	streamFirst = 100 * time.Millisecond // what ends sooner is not looked at
	streamEvery = 25 * time.Millisecond
	streamShare = 20 // looking may take that part of the time
	streamLook  = 32 // vectors of rows that may pass before the files are looked at again: about a quarter of a row group
)

// stream takes the output of a running statement away while DuckDB writes it, so that a large output neither waits for its end to
// be sent nor fills the disk. DuckDB keeps the file of every partition open until the end and only appends: what stands there
// is final, goes into the bundle in parts, and is cut out of the file, whose size stays. It begins when half of the pool is
// full; outputs that never fill it are not touched. When all of it is full the statement is held back.
//
// It owns a goroutine between start and stop, and the writer of the bundle once it has begun.
type stream struct {
	a      *attempt
	dir    string
	pool   int64 // bytes that the files may hold
	least  int64 // bytes that they hold at most before there is something to send
	places []string
	open   func(ctx context.Context, place string) (*exchange.Writer, error)
	cancel context.CancelCauseFunc // ends the statement
	ctx    context.Context

	done, ended chan struct{}

	held   atomic.Int64 // by the files, when they were last looked at
	passed atomic.Int64 // vectors of rows since then
	next   atomic.Int64 // when to look again, in nanoseconds since start
	began  time.Time
	mu     sync.Mutex
	cost   time.Duration    // what looking at a file took when nothing came between
	sent   map[string]int64 // how much of each file is in the bundle
	owners map[int]string   // of the partitions: their only file that goes out in parts

	w     *exchange.Writer // nil before the first round
	place string
	whole bool // a round has succeeded: the bundle cannot go elsewhere any more
}

// start begins to watch the directory; the returned context ends when the output cannot be sent.
func (s *stream) start(ctx context.Context) context.Context {
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.done, s.ended = make(chan struct{}), make(chan struct{})
	s.sent, s.owners, s.began = map[string]int64{}, map[int]string{}, time.Now()
	go s.run()
	return s.ctx
}

// stop ends the watching.
func (s *stream) stop() {
	close(s.done)
	<-s.ended
}

func (s *stream) run() {
	defer close(s.ended)
	t := time.NewTimer(streamFirst)
	defer t.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-s.ctx.Done():
			return
		case <-t.C:
		}
		pause := s.look()
		if s.held.Load() >= s.room()/2 {
			if err := s.round(); err != nil {
				s.cancel(err)
				return
			}
			pause = s.look()
		}
		t.Reset(pause)
	}
}

// pace returns when the statement may go on with another vector of rows.
func (s *stream) pace() error {
	s.passed.Add(1)
	for {
		if s.passed.Load() >= streamLook && time.Since(s.began).Nanoseconds() >= s.next.Load() {
			s.look()
		}
		if s.held.Load() <= s.room() {
			return nil
		}
		select {
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		case <-time.After(streamEvery):
			s.passed.Store(streamLook)
		}
	}
}

// room is how many bytes the files may hold now.
func (s *stream) room() int64 { return s.a.scratch.room(s.pool, s.least) }

// growing is a file that DuckDB writes.
type growing struct {
	path      string
	partition int
	size      int64
}

// look measures what the files hold, and returns after what time to look again. A fast statement is looked at sooner than that: what
// it writes between two looks has no room.
func (s *stream) look() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	files := s.files()
	held := int64(0)
	for _, f := range files {
		held += f.size - s.sent[f.path]
	}
	s.held.Store(held)
	s.passed.Store(0)
	n := time.Duration(len(files) + 1)
	if took := time.Since(now) / n; s.cost == 0 || took < s.cost {
		s.cost = took
	}
	pause := streamShare * s.cost * n
	s.next.Store((time.Since(s.began) + pause).Nanoseconds())
	return max(streamEvery, pause)
}

// files lists the output as it is, ordered by partition.
func (s *stream) files() []growing {
	var out []growing
	err := filepath.WalkDir(s.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f := growing{path: path, size: info.Size()}
		if dir := filepath.Base(filepath.Dir(path)); filepath.Dir(path) != s.dir {
			if f.partition, err = strconv.Atoi(dir[strings.LastIndexByte(dir, '=')+1:]); err != nil {
				return err
			}
		}
		out = append(out, f)
		return nil
	})
	if err != nil { // not there yet, or not what is expected: the end of the statement will show
		return nil
	}
	slices.SortFunc(out, func(a, b growing) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.path, b.path))
	})
	return out
}

// round sends what all files hold. When the first one fails, the bundle begins again at the next place.
func (s *stream) round() error {
	for {
		err := s.send()
		switch {
		case err == nil:
			if !s.whole {
				s.whole = true
				s.a.slot.places.Worked(s.place)
				s.forget(0)
			}
			return nil
		case s.ctx.Err() != nil:
			return err
		}
		s.a.slot.places.Failed(s.place)
		s.a.slot.cfg.Log.Warn("output cannot be written", "task", s.a.task.Id, "store", s.place, "others", len(s.places), "err", err)
		if s.whole || len(s.places) == 0 {
			return err
		}
		s.abort()
	}
}

// send sends what all files hold, up to their last incomplete step.
func (s *stream) send() error {
	if s.w == nil {
		ctx := s.ctx
		s.place, s.places = s.places[0], s.places[1:]
		if len(s.places) > 0 {
			ctx = store.WithPatience(ctx, routeAfter)
		}
		w, err := s.open(ctx, s.place)
		if err != nil {
			return err
		}
		s.w = w
	}
	for _, f := range s.files() {
		if owner, taken := s.owners[f.partition]; taken && owner != f.path {
			continue
		}
		from := s.sent[f.path]
		end := (f.size - 1) / streamStep * streamStep // never the last byte: what ends the file has something to add
		if end <= from {
			continue
		}
		s.owners[f.partition] = f.path
		if err := s.sendPart(f, from, end); err != nil {
			return err
		}
		s.mu.Lock()
		s.sent[f.path] = end
		s.mu.Unlock()
		if s.whole {
			punch(f.path, from, end)
		}
	}
	return nil
}

func (s *stream) sendPart(f growing, from, end int64) error {
	r, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer r.Close()
	return s.w.AddPart(f.partition, end-from, io.NewSectionReader(r, from, end-from))
}

// forget cuts what was sent out of the files.
func (s *stream) forget(from int64) {
	for path, end := range s.sent {
		punch(path, from, end)
	}
}

// punch gives the disk a range of a file back. File systems that cannot do it keep it until the file is deleted.
func punch(path string, from, end int64) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	defer f.Close()
	_ = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, from, end-from)
}

// abort discards what was sent. The files must still have it, unless nobody will ask for it.
func (s *stream) abort() {
	if s.w == nil {
		return
	}
	if err := s.w.Abort(); err != nil {
		s.a.slot.cfg.Log.Warn("bundle not removed", "task", s.a.task.Id, "err", err)
	}
	s.w = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sent)
	clear(s.owners)
}

// finish sends the rest of the files and ends the bundle.
func (s *stream) finish(files []engine.ParquetFile, partition func(engine.ParquetFile) (int, error)) error {
	// Files of which parts were sent come first: the next file of the same partition would be taken for their end.
	slices.SortStableFunc(files, func(a, b engine.ParquetFile) int { return -cmp.Compare(min(s.sent[a.Path], 1), min(s.sent[b.Path], 1)) })
	for _, f := range files {
		p, err := partition(f)
		if err == nil {
			err = s.sendRest(p, f)
		}
		if err != nil {
			return s.a.finish(s.w, err)
		}
	}
	err := s.a.finish(s.w, nil)
	if err != nil && s.ctx.Err() == nil {
		s.a.slot.places.Failed(s.place)
	}
	return err
}

func (s *stream) sendRest(partition int, f engine.ParquetFile) error {
	r, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer r.Close()
	from := s.sent[f.Path]
	if err := s.w.Add(partition, f.Rows, f.Bytes-from, io.NewSectionReader(r, from, f.Bytes-from)); err != nil {
		return err
	}
	return errors.Join(os.Remove(f.Path))
}
