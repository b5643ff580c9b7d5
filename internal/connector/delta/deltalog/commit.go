package deltalog

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"
)

// ReadCommit calls f for the actions of the commit of a version, in the order of the file. It fails with filesystem.ErrNotFound when
// there is no such commit.
func (l *Log) ReadCommit(ctx context.Context, version int64, f func(*Action) error) error {
	r, err := l.open(ctx, CommitName(version))
	if err != nil {
		return err
	}
	defer r.Close()
	return readLines(r, CommitName(version), f)
}

// readLines reads actions in JSON, one a line.
func readLines(r io.Reader, name string, f func(*Action) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var line []byte
	for {
		part, err := lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return broken("an action in %s has more than %d bytes", name, maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return err
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			a := new(Action)
			if json.Unmarshal(text, a) != nil {
				return broken("an action in %s is not valid: %.200q", name, text)
			}
			if err := a.check(); err != nil {
				return broken("%s: %s", name, err.Error())
			}
			if err := f(a); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
		line = line[:0]
	}
}

// check refuses actions that lack what must be there.
func (a *Action) check() error {
	switch {
	case a.Add != nil && a.Add.Path == "", a.Remove != nil && a.Remove.Path == "":
		return broken("an action without a path")
	case a.Add != nil && a.Add.Size < 0:
		return broken("a data file of %d bytes", a.Add.Size)
	case a.Sidecar != nil && (a.Sidecar.Path == "" || a.Sidecar.SizeInBytes < 0):
		return broken("a sidecar without a path or size")
	}
	return nil
}

// Commit makes a version. It fails with filesystem.ErrExists when somebody else did.
func (l *Log) Commit(ctx context.Context, version int64, actions []Action) error {
	w, err := l.create(ctx, CommitName(version), true)
	if err != nil {
		return err
	}
	defer w.Abort() //nolint:errcheck // after Close it does nothing
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i := range actions {
		if err := enc.Encode(&actions[i]); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return w.Close()
}

// Info returns what the commit of a version says of itself; without anything when it says nothing.
func (l *Log) Info(ctx context.Context, version int64) (*CommitInfo, error) {
	info := new(CommitInfo)
	err := l.ReadCommit(ctx, version, func(a *Action) error {
		if a.CommitInfo == nil {
			return nil
		}
		info = a.CommitInfo
		return errFound
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return info, err
}

// errFound ends a reading early.
var errFound = errors.New("found")

// Time is when a version was committed, as far as the commit says it.
func (c *CommitInfo) Time() (time.Time, bool) {
	switch {
	case c.InCommitTimestamp != nil:
		return time.UnixMilli(*c.InCommitTimestamp), true
	case c.Timestamp > 0:
		return time.UnixMilli(c.Timestamp), true
	}
	return time.Time{}, false
}

// Committed is when the file of a version was written.
func (l *Log) Committed(ctx context.Context, version int64) (time.Time, error) {
	e, err := l.Files.Stat(ctx, l.at(CommitName(version)))
	return e.Modified, err
}
