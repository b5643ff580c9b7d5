package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/slot"
)

// largeRowBytes is about what a row of the large task takes: ten columns that do not compress.
const largeRowBytes = 80

// largeTask runs a task in a slot within this process, and watches its memory and its scratch directory.
func (o *benchExchange) largeTask(ctx context.Context, st store.Store, x slot.Exchange, scratch, prefix string) (*bench.LargeTask, error) {
	defer st.DeletePrefix(context.WithoutCancel(ctx), prefix)
	defer os.RemoveAll(scratch)
	stores := &store.Registry{Openers: map[string]store.Opener{"bench": func(context.Context, *url.URL) (store.Store, error) { return st, nil }}}
	ours, theirs := net.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- slot.Run(slot.Config{Stores: stores, ScratchDir: scratch, MemoryBytes: o.taskMem, Threads: o.threads, Exchange: x, Log: slog.New(slog.DiscardHandler)}, theirs)
	}()
	defer func() {
		ours.Close()
		<-ended
	}()
	task := &rpcv1.Task{Id: "bench.0.0.0", Sql: largeStatement(o.taskSize/largeRowBytes, o.partitions), Key: exchange.NewQueryKey()[:], Output: &rpcv1.Task_Exchange{
		Exchange: &rpcv1.ExchangeOutput{Partitions: int32(o.partitions), PartitionColumn: "p", Store: "bench:", Prefix: prefix, MaxFileBytes: exchange.DefaultMaxObject}}}
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // forgets the peak so far
	r := &bench.LargeTask{Memory: o.taskMem}
	watched := watchDisk(filepath.Join(scratch, "output"))
	finished, err := converse(ours, task)
	r.PeakDisk = watched()
	r.Peak, r.Program = ownMemory("VmHWM:"), ownMemory("RssFile:")
	if err != nil {
		return nil, err
	}
	var h exchange.Handle
	if err := json.Unmarshal(finished.Bundle, &h); err != nil {
		return nil, err
	}
	r.Written, r.Objects = h.StoredBytes(), len(h.Objects)
	for _, s := range h.Segments {
		if s.Kind == exchange.FilePart {
			r.Parts++
		}
	}
	r.Cost = bench.Cost{Wall: time.Duration(finished.Stats.WallMillis) * time.Millisecond, CPU: time.Duration(finished.Stats.CpuMillis) * time.Millisecond, Bytes: h.Bytes()}
	return r, nil
}

func largeStatement(rows int64, partitions int) string {
	var columns strings.Builder
	for n := range largeRowBytes / 8 {
		fmt.Fprintf(&columns, "hash(range + %d) AS c%d, ", n*7, n)
	}
	return fmt.Sprintf("SELECT %s(range %% %d)::INTEGER AS p FROM range(%d)", columns.String(), partitions, rows)
}

// converse hands a task to a slot and waits for its end.
func converse(conn net.Conn, task *rpcv1.Task) (*rpcv1.Finished, error) {
	in := bufio.NewReader(conn)
	for sent := false; ; {
		m, err := rpc.ReadFrame(in)
		switch {
		case err != nil:
			return nil, err
		case m.GetReady() && !sent:
			sent = true
			if err := rpc.WriteFrame(conn, &rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}}); err != nil {
				return nil, err
			}
		case m.GetFailed() != nil:
			return nil, rpc.ErrorOf(m.GetFailed().Failure)
		case m.GetFinished() != nil:
			return m.GetFinished(), nil
		}
	}
}

// watchDisk looks at what a directory takes of the disk until the returned function is called, which says the most that was seen.
func watchDisk(dir string) (peak func() int64) {
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		seen := int64(0)
		for {
			select {
			case <-stop:
				most <- seen
				return
			case <-time.After(50 * time.Millisecond):
				seen = max(seen, diskUse(dir))
			}
		}
	}()
	return func() int64 {
		close(stop)
		return <-most
	}
}

func diskUse(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			if s, ok := info.Sys().(*syscall.Stat_t); ok {
				bytes += s.Blocks * 512
			}
		}
		return nil
	})
	return bytes
}

// ownMemory is a figure of this process's memory, in bytes; zero where the system does not tell.
func ownMemory(name string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			return kb << 10
		}
	}
	return 0
}
