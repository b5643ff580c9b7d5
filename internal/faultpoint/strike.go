package faultpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Strike tells a test whom a fault has struck.
type Strike struct {
	Task   string `json:"task"` // query.stage.partition.attempt, or the query of a commit
	PID    int    `json:"pid"`
	Parent int    `json:"parent"`
}

// Message is the text of injected errors.
const Message = "This error is injected by the failure injection service"

// ErrDrop is what Reach gives to a call whose connection is to be closed.
var ErrDrop = errors.New("fault: no answer")

// claim uses up a token of the fault, unless it strikes always, and returns the file of its strike; "" when none is left, or the
// fault is disarmed meanwhile.
func (a armed) claim(task string) (struck string, err error) {
	if a.rule.Always {
		return tell(a.untaken(), task)
	}
	names, err := namesIn(a.dir)
	if err != nil {
		return "", err
	}
	for _, token := range names {
		name, ok := strings.CutSuffix(token, TokenFile)
		if !ok {
			continue
		}
		name = filepath.Join(a.dir, name)
		if os.Rename(name+TokenFile, name+takenFile) != nil {
			continue // somebody was faster
		}
		return tell(name, task)
	}
	return "", nil
}

// untaken names a strike that no token stands for.
func (a armed) untaken() string {
	return filepath.Join(a.dir, fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano()))
}

// tell writes down a strike, and returns its file; name is the file's without its ending. It appears as a whole. When the fault
// was disarmed meanwhile there is no strike.
func tell(name, task string) (struck string, err error) {
	data, err := json.Marshal(Strike{Task: task, PID: os.Getpid(), Parent: os.Getppid()})
	if err == nil {
		err = os.WriteFile(name+takenFile, data, 0o600)
	}
	if err == nil {
		err = os.Rename(name+takenFile, name+StruckFile)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return name + StruckFile, err
}

// strike does to the process what the rule says, if there is a token left.
func (a armed) strike(ctx context.Context, task string, hold time.Duration) error {
	struck, err := a.claim(task)
	if err != nil || struck == "" {
		return err
	}
	switch a.rule.Effect {
	case Hold:
		return held(ctx, struck, hold)
	case Deaf:
		return held(context.WithoutCancel(ctx), struck, hold)
	case Crash:
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case Drop:
		return ErrDrop
	case Fail:
		code := trinoerr.ByName(a.rule.Code)
		if code == nil {
			return fmt.Errorf("fault: unknown error %q", a.rule.Code)
		}
		return trinoerr.New(code, Message)
	case Grow:
		return grow(ctx)
	}
	return fmt.Errorf("fault: unknown effect %q", a.rule.Effect)
}

// releasePoll is how often somebody who is held looks whether it is released.
const releasePoll = 2 * time.Millisecond

// held waits until the file of the strike is removed, or for as long as limit, unless that is zero.
func held(ctx context.Context, struck string, limit time.Duration) error {
	var over <-chan time.Time
	if limit > 0 {
		over = time.After(limit)
	}
	tick := time.NewTicker(releasePoll)
	defer tick.Stop()
	for {
		if _, err := os.Stat(struck); err != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-over:
			return nil
		case <-tick.C:
		}
	}
}

// growLimit bounds what Grow takes when nobody stops it, growStep is how much at a time.
const (
	growLimit = 4 << 30
	growStep  = 32 << 20
)

func grow(ctx context.Context) error {
	var taken [][]byte
	for len(taken) < growLimit/growStep {
		step := make([]byte, growStep)
		for i := 0; i < len(step); i += os.Getpagesize() {
			step[i] = 1
		}
		taken = append(taken, step)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(releasePoll):
		}
	}
	return fmt.Errorf("fault: took %d MiB and nobody minded", len(taken)*growStep>>20)
}
