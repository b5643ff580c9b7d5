package hdfs

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Limits of writing.
const (
	firstBuffer = 64 << 10
	// pieceSize is how much the library is given at a time: a packet of its protocol, as it copies what is more.
	pieceSize = 64 << 10
	// abandonTimeout bounds how long an unfinished file is cleared away.
	abandonTimeout = 30 * time.Second
	// directoryTries is how often a directory is made that others delete at the same time.
	directoryTries = 10
)

// temporaryName is the name of the file in which an object is written: a dot, which no key has, the object's name, and what
// tells writers apart.
func temporaryName(name string) string { return "." + name + "." + rand.Text() }

// objectOf returns the name of the object that a file is, or that is written in it.
func objectOf(file string) (name string, temporary bool) {
	if !strings.HasPrefix(file, ".") {
		return file, false
	}
	n := strings.LastIndexByte(file, '.')
	if n == 0 {
		return file, false
	}
	return file[1:n], true
}

// Create implements store.Store. It sends nothing: an object that fits into a block of Config.BlockSize is written by Close.
func (s *Store) Create(ctx context.Context, key string, o store.CreateOptions) (store.Writer, error) {
	if err := s.keys.Check(key); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	name := s.path(key)
	w := &writer{s: s, outer: ctx, name: name, temp: path.Join(path.Dir(name), temporaryName(path.Base(name))), o: o}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	return w, nil
}

// writer collects a block in memory and sends it while the next one is collected. A block on its way has a goroutine, which ends
// when it was sent or the context ends; Close and Abort wait for it.
//
// HDFS keeps every block on several machines, which is what makes an object durable; whether they write it to their disks at
// once is a setting of theirs (dfs.datanode.synconclose).
type writer struct {
	s      *Store
	outer  context.Context // of the writing, as store.Store says
	ctx    context.Context // ends with outer, and with Abort
	cancel context.CancelCauseFunc
	name   string
	temp   string
	o      store.CreateOptions
	ended  atomic.Bool // Close or Abort was called

	mu      sync.Mutex // held while writing and ending
	block   []byte     // being filled
	spare   []byte     // the buffer of one that was sent
	sending chan error // what has become of the block on its way; nil: there is none
	err     error      // the first failure

	in   *session
	file *hdfs.FileWriter // nil as long as nothing was sent
}

var errEnded = trinoerr.Wrap(fs.ErrClosed, trinoerr.GenericInternalError, "write an object")

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	size := int(w.s.blockSize)
	for written := 0; written < len(p); {
		if err := w.failure(); err != nil {
			return written, err
		}
		if len(w.block) == size {
			if err := w.send(); err != nil {
				return written, err
			}
		}
		n := min(len(p)-written, size-len(w.block))
		w.block = grow(w.block, n, size)
		w.block = append(w.block, p[written:written+n]...)
		written += n
	}
	return len(p), nil
}

// grow makes room for n more bytes of a block, doubling it up to its size.
func grow(block []byte, n, size int) []byte {
	if len(block)+n <= cap(block) {
		return block
	}
	return append(make([]byte, 0, min(size, max(2*cap(block), len(block)+n, firstBuffer))), block...)
}

// failure is why nothing can be written any more.
func (w *writer) failure() error {
	if w.ended.Load() {
		return errEnded
	}
	if w.err == nil && w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
	}
	return w.err
}

// send lets the block that was filled be sent, after the one before.
func (w *writer) send() error {
	if err := w.await(); err != nil {
		return err
	}
	if w.file == nil {
		if w.err = w.begin(); w.err != nil {
			return w.err
		}
	}
	block, sending := w.block, make(chan error, 1)
	w.block, w.spare, w.sending = w.spare[:0], block, sending
	go func() { sending <- w.put(block) }()
	return nil
}

// await waits for the block that is on its way.
func (w *writer) await() error {
	if w.sending != nil {
		if err := <-w.sending; w.err == nil {
			w.err = w.told(w.in, err)
		}
		w.sending = nil
	}
	return w.err
}

// put writes a block into the file. The library tells of a failure only when the file is closed.
func (w *writer) put(block []byte) error {
	for len(block) > 0 {
		n := min(len(block), pieceSize)
		if _, err := w.file.Write(block[:n]); err != nil {
			return err
		}
		if err := w.in.failure(); err != nil {
			return err
		}
		block = block[n:]
	}
	return nil
}

// begin makes the temporary file.
func (w *writer) begin() error {
	in, err := w.s.pool.enter(w.ctx)
	if err != nil {
		return w.told(nil, err)
	}
	w.in = in
	w.file, err = w.s.create(in, w.temp)
	return w.told(in, err)
}

// create makes a file, and the directories above it when there are none.
func (s *Store) create(in *session, name string) (*hdfs.FileWriter, error) {
	l := s.pool.layout
	if l.blockSize == 0 || l.replication == 0 {
		d, err := in.client.ServerDefaults()
		if err != nil {
			return nil, err
		}
		if l.blockSize == 0 {
			l.blockSize = d.BlockSize
		}
		if l.replication == 0 {
			l.replication = d.Replication
		}
	}
	for n := 0; ; n++ {
		f, err := in.client.CreateFile(name, l.replication, l.blockSize, 0o666&^l.umask)
		if !isNotFound(err) || exception(err) == parentIsFile || n == directoryTries {
			return f, err
		}
		err = in.client.MkdirAll(path.Dir(name), 0o777&^l.umask)
		if err != nil && !errors.Is(err, fs.ErrExist) { // by somebody else in between
			return nil, err
		}
	}
}

// Close implements store.Writer.
func (w *writer) Close() error {
	if w.ended.Swap(true) {
		return errEnded
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.commit()
	if err == nil {
		w.in.leave(nil)
		w.in = nil
	}
	_ = w.discard(err) // err tells more
	return err
}

// commit completes the file and gives it its name.
func (w *writer) commit() error {
	if err := w.await(); err != nil {
		return err
	}
	if w.ctx.Err() != nil {
		return context.Cause(w.outer)
	}
	if w.file == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	err := w.put(w.block)
	if err == nil {
		err = w.complete()
	}
	if err != nil {
		return w.told(w.in, err)
	}
	return w.publish()
}

// complete closes the file. The name node wants each block to have arrived at one data node at least, which may take a while.
func (w *writer) complete() error {
	for wait := time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := w.file.Close()
		if !hdfs.IsErrReplicating(err) {
			return err
		}
		select {
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		case <-time.After(wait):
		}
	}
}

// publish renames the file. When the answer is lost, a look at the object tells whether it is this writer's.
func (w *writer) publish() error {
	var id uint64
	if w.o.IfAbsent {
		info, err := w.in.client.Stat(w.temp)
		if err != nil {
			return w.told(w.in, err)
		}
		id = fileID(info)
	}
	err := w.in.call.rename(w.temp, w.name, !w.o.IfAbsent)
	if err == nil || answered(err) || !w.o.IfAbsent || w.ctx.Err() != nil {
		return w.told(w.in, err)
	}
	in, again := w.s.pool.enter(w.ctx)
	if again != nil {
		return w.told(w.in, err)
	}
	info, again := in.client.Stat(w.name)
	in.leave(again)
	switch {
	case again == nil && fileID(info) == id:
		return nil
	case again == nil:
		return store.ErrExists
	}
	return w.told(w.in, err)
}

// fileID tells files apart, whatever their names.
func fileID(info fs.FileInfo) uint64 {
	status, ok := info.Sys().(*hdfs.FileStatus)
	if !ok {
		return 0
	}
	return status.GetFileId()
}

// told is the error of a request in a session as the caller is to see it. A file that vanished while it was written, because its
// prefix was deleted, is an error of its own: to a writer nothing is not found, and what may exist does not stop it.
func (w *writer) told(in *session, err error) error {
	if exception(err) == parentIsFile {
		return trinoerr.New(trinoerr.GenericInternalError, "write an object in %s: %s", w.s.URI(), in.reason(err))
	}
	err = w.s.failed(w.outer, in, err, "write an object")
	switch {
	case errors.Is(err, store.ErrNotFound):
		return trinoerr.New(trinoerr.GenericInternalError, "write an object in %s: its directory was deleted", w.s.URI())
	case errors.Is(err, store.ErrExists) && !w.o.IfAbsent:
		return trinoerr.New(trinoerr.GenericInternalError, "write an object in %s: there is a directory of its name", w.s.URI())
	}
	return err
}

// Abort implements store.Writer.
func (w *writer) Abort() error {
	if w.ended.Swap(true) {
		return nil
	}
	w.cancel(errEnded) // of what a concurrent Write may be waiting for
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.discard(errEnded)
}

// discard ends what is under way and removes the file, whatever has become of the context. why is what made the writing fail;
// nil: it has not.
func (w *writer) discard(why error) error {
	w.cancel(errEnded)
	w.block, w.spare = nil, nil
	if w.in == nil {
		return nil
	}
	w.in.fail(errEnded)
	if w.sending != nil {
		<-w.sending
		w.sending = nil
	}
	if w.file != nil {
		_ = w.file.Close() // fails; it is for the goroutines of the library, which it ends
	}
	w.in.leave(why)
	w.in = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.outer), abandonTimeout)
	defer cancel()
	in, err := w.s.pool.enter(ctx)
	if err == nil {
		err = in.client.Remove(w.temp)
		in.leave(err)
	}
	if err = w.s.failed(ctx, in, err, "remove an unfinished file"); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
