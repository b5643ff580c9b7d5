package keeper

import (
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/systemd"
)

// Socket is a listening socket that the program gets.
type Socket struct {
	Name string
	File *os.File
}

// Keeper runs a program. Its exported fields do not change while it does.
type Keeper struct {
	// Path is the program; it is looked up at each start, so that a new version is what is started next. Args are its
	// arguments, its own name included.
	Path string
	Args []string
	// Sockets are what it gets.
	Sockets []Socket
	// Init says that this is the first process of a container, to which all orphans fall.
	Init bool
	Log  *slog.Logger

	starting sync.Mutex // held while a child is started
	pid      int        // of the last child
}

// child is a run of the program.
type child struct {
	process *os.Process
	ready   atomic.Int64 // when it was, in nanoseconds since began, at least 1; 0: not yet
	began   time.Time
	ended   chan *os.ProcessState
}

// Run runs the program until it ends for good, and returns the exit code to end with. Signals are for the program: SIGTERM and
// SIGINT end it, SIGHUP ends it with SIGTERM and starts it again.
//
// Its goroutines wait for the child, listen to it and, in a container, wait for orphans; they end with Run.
func (k *Keeper) Run(signals <-chan os.Signal) int {
	ears, err := systemd.Listen()
	if err != nil {
		k.Log.Error("cannot run the program", "err", err)
		return 1
	}
	var now atomic.Pointer[child]
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		err := ears.Hear(func() {
			if c := now.Load(); c != nil {
				c.ready.CompareAndSwap(0, max(1, int64(time.Since(c.began))))
			}
		})
		if err != nil {
			k.Log.Error("it will not be known when the program is ready", "err", err)
		}
	}()
	defer func() {
		ears.Close()
		<-heard
	}()
	if k.Init {
		defer k.reap()()
	}
	var h history
	for {
		c, err := k.start(ears)
		if err != nil {
			k.Log.Error("cannot start the program", "err", err)
			return 1
		}
		now.Store(c)
		l := k.attend(c, signals)
		var v verdict
		h, v = h.next(l)
		log := k.Log.With("pid", c.process.Pid, "how", l.how())
		switch {
		case v.end && l.asked && l.exit() == 0:
			log.Info("ended", "why", v.why)
		case v.end:
			log.Error("ended", "why", v.why)
		case l.signal == 0 && l.code == 0:
			log.Info("ended: " + v.why)
		default:
			log.Warn("died: "+v.why, "pause", v.pause)
		}
		if v.end {
			return v.code
		}
		if code, end := pause(v.pause, signals); end {
			return code
		}
	}
}

// start starts the program. The kernel kills it when the keeper dies, however that happens: an orphan would keep the sockets. It
// has a process group of its own: a Ctrl-C in the terminal is for the keeper, which passes it on, once.
func (k *Keeper) start(ears *systemd.Ears) (*child, error) {
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr}
	names := make([]string, len(k.Sockets))
	for i, s := range k.Sockets {
		files, names[i] = append(files, s.File), s.Name
	}
	attr := &os.ProcAttr{Files: files, Env: ears.Environ(systemd.Handover(os.Environ(), names...)),
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}}
	c := &child{began: time.Now(), ended: make(chan *os.ProcessState, 1)}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the parent that Pdeathsig means is a thread: this one stays as long as the child does
		defer runtime.UnlockOSThread()
		k.starting.Lock()
		var err error
		if c.process, err = os.StartProcess(k.Path, k.Args, attr); err == nil {
			k.pid = c.process.Pid
		}
		k.starting.Unlock()
		started <- err
		if err != nil {
			return
		}
		state, err := c.process.Wait()
		if err != nil {
			k.Log.Error("wait for the program", "err", err)
		}
		c.ended <- state
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", k.Path, err)
	}
	return c, nil
}

// attend passes signals on until the child has ended, and tells how that went.
func (k *Keeper) attend(c *child, signals <-chan os.Signal) life {
	var asked, renewed bool
	for {
		select {
		case s := <-signals:
			if s == syscall.SIGHUP {
				renewed, s = true, syscall.SIGTERM
				k.Log.Info("told to start the program anew", "pid", c.process.Pid)
			} else {
				asked = true
			}
			_ = c.process.Signal(s) // it may have ended just now
		case state := <-c.ended:
			var lived time.Duration
			if at := c.ready.Load(); at > 0 {
				lived = max(1, time.Since(c.began)-time.Duration(at))
			}
			l := lifeOf(state, lived)
			l.asked, l.renewed = asked, renewed
			return l
		}
	}
}

// pause waits, unless the keeper is told to end.
func pause(d time.Duration, signals <-chan os.Signal) (code int, end bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case s := <-signals:
			if s != syscall.SIGHUP {
				return 0, true
			}
			return 0, false
		case <-timer.C:
			return 0, false
		}
	}
}
