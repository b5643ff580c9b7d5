package deltalog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// Latest asks Open for the newest version.
const Latest = -1

// Snapshot is a version of a table.
type Snapshot struct {
	Version  int64
	Protocol Protocol
	Metadata Metadata
	// Checkpoint is where reading begins; nil for the first commit.
	Checkpoint *Checkpoint
}

// Open finds a version of the table. With pinned, a checkpoint that an earlier Open of the version chose, files are listed in the
// same order again.
func (l *Log) Open(ctx context.Context, version int64, pinned *Checkpoint) (*Snapshot, error) {
	cp := pinned
	if cp == nil {
		var err error
		if cp, err = l.findCheckpoint(ctx, version); err != nil {
			return nil, err
		}
	}
	s, err := l.replay(ctx, version, cp)
	if isMissing(err) && pinned != nil {
		return l.Open(ctx, version, nil) // it was cleaned up
	}
	return s, err
}

// replay finds the protocol, the metadata and, when it is asked for the latest, the version.
func (l *Log) replay(ctx context.Context, version int64, cp *Checkpoint) (*Snapshot, error) {
	s := &Snapshot{Version: -1, Checkpoint: cp}
	var protocol *Protocol
	var metadata *Metadata
	note := func(a *Action) error {
		if a.Protocol != nil {
			protocol = a.Protocol
		}
		if a.Metadata != nil {
			metadata = a.Metadata
		}
		return nil
	}
	if cp != nil {
		s.Version = cp.Version
		if err := l.readCheckpoint(ctx, cp, wantHead, note); err != nil {
			return nil, err
		}
	}
	for next := s.Version + 1; version == Latest || next <= version; next++ {
		err := l.ReadCommit(ctx, next, note)
		if isMissing(err) {
			break
		}
		if err != nil {
			return nil, err
		}
		s.Version = next
	}
	switch {
	case s.Version < 0:
		return nil, missing("there is no commit")
	case version != Latest && s.Version != version:
		return nil, missing("there is no version %d", version)
	case protocol == nil:
		return nil, broken("Protocol not found in transaction log")
	case metadata == nil:
		return nil, broken("Metadata not found in transaction log")
	}
	s.Protocol, s.Metadata = *protocol, *metadata
	return s, nil
}

// Advance returns the latest version, which is the snapshot itself when nothing has been committed since.
func (l *Log) Advance(ctx context.Context, s *Snapshot) (*Snapshot, error) {
	out := *s
	for {
		err := l.ReadCommit(ctx, out.Version+1, func(a *Action) error {
			if a.Protocol != nil {
				out.Protocol = *a.Protocol
			}
			if a.Metadata != nil {
				out.Metadata = *a.Metadata
			}
			return nil
		})
		if isMissing(err) {
			return &out, nil
		}
		if err != nil {
			return nil, err
		}
		out.Version++
	}
}

// findCheckpoint finds the newest complete checkpoint that is not newer than a version; nil when there is none. The hint spares a
// listing of the whole log.
func (l *Log) findCheckpoint(ctx context.Context, version int64) (*Checkpoint, error) {
	hint, err := l.hint(ctx)
	if err != nil {
		return nil, err
	}
	if hint != nil && (version == Latest || hint.Version <= version) {
		cp, err := l.hinted(ctx, hint)
		if cp != nil || err != nil {
			return cp, err
		}
	}
	return l.listCheckpoints(ctx, version)
}

// lastCheckpoint is the hint.
type lastCheckpoint struct {
	Version      int64 `json:"version"`
	Parts        int   `json:"parts"`
	V2Checkpoint *struct {
		Path string `json:"path"`
	} `json:"v2Checkpoint"`
}

// maxParts bounds how many files of a checkpoint a hint can have us look for.
const maxParts = 10_000

// hint reads which version was the last to get a checkpoint; nil when that is not known. A hint that makes no sense is none.
func (l *Log) hint(ctx context.Context) (*lastCheckpoint, error) {
	r, err := l.open(ctx, hintName)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxHint))
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseHint(data), nil
}

func parseHint(data []byte) *lastCheckpoint {
	hint := lastCheckpoint{Version: -1}
	if json.Unmarshal(data, &hint) != nil || hint.Version < 0 || hint.Parts < 0 || hint.Parts > maxParts {
		return nil
	}
	return &hint
}

// names are the files of the checkpoint.
func (h *lastCheckpoint) names() (names []string) {
	switch {
	case h.V2Checkpoint != nil && h.V2Checkpoint.Path != "":
		return []string{Dir + path.Base(h.V2Checkpoint.Path)}
	case h.Parts > 1:
		for i := range h.Parts {
			names = append(names, fmt.Sprintf("%s.%010d.%010d.parquet", checkpointPrefix(h.Version), i+1, h.Parts))
		}
		return names
	}
	return []string{classicName(h.Version)}
}

// hinted finds the checkpoint of a hint; nil when it is not there.
func (l *Log) hinted(ctx context.Context, hint *lastCheckpoint) (*Checkpoint, error) {
	cp := &Checkpoint{Version: hint.Version}
	for _, name := range hint.names() {
		if c, ok := parseCheckpoint(File{Name: name}); !ok || c.version != hint.Version {
			return nil, nil
		}
		e, err := l.Files.Stat(ctx, l.at(name))
		if isMissing(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		cp.Files = append(cp.Files, File{Name: name, Size: e.Size})
	}
	return cp, nil
}

// manyFiles is how many files of checkpoints a listing keeps before it forgets those of old ones.
const manyFiles = 4096

func (l *Log) listCheckpoints(ctx context.Context, version int64) (*Checkpoint, error) {
	var found []checkpointFile
	err := l.Files.ListDir(ctx, l.at(strings.TrimRight(Dir, "/")), func(e filesystem.Entry) error {
		c, ok := parseCheckpoint(File{Name: Dir + path.Base(e.Location), Size: e.Size})
		if e.Dir || !ok || version != Latest && c.version > version {
			return nil
		}
		if found = append(found, c); len(found)%manyFiles == 0 {
			if best := newestCheckpoint(found); best != nil {
				found = slices.DeleteFunc(found, func(f checkpointFile) bool { return f.version < best.Version })
			}
		}
		return nil
	})
	if err != nil && !isMissing(err) {
		return nil, err
	}
	return newestCheckpoint(found), nil
}

// Adds calls f for the data files of a snapshot: those of the newest commit first, those of the checkpoint last, each as listed.
func (l *Log) Adds(ctx context.Context, s *Snapshot, f func(*Add) error) error {
	return l.scan(ctx, s, wantAdds, func(a *Action) error {
		if a.Add == nil {
			return nil
		}
		return f(a.Add)
	})
}

// scan calls f for the newest action of each logical file: an add for one that is part of the snapshot, a remove for one that was.
func (l *Log) scan(ctx context.Context, s *Snapshot, want wanted, f func(*Action) error) error {
	seen := fileSet{}
	first := int64(0)
	if s.Checkpoint != nil {
		first = s.Checkpoint.Version + 1
	}
	for v := s.Version; v >= first; v-- {
		err := l.ReadCommit(ctx, v, func(a *Action) error {
			switch {
			case a.Add != nil && !seen.take(a.Add.Path, a.Add.DeletionVector):
				return nil
			case a.Remove != nil && !seen.take(a.Remove.Path, a.Remove.DeletionVector):
				return nil
			}
			return f(a)
		})
		if isMissing(err) {
			return broken("Commit %d of the transaction log is gone", v)
		}
		if err != nil {
			return err
		}
	}
	if s.Checkpoint == nil {
		return nil
	}
	return l.readCheckpoint(ctx, s.Checkpoint, want, func(a *Action) error {
		switch {
		case a.Add != nil && seen.has(a.Add.Path, a.Add.DeletionVector):
			return nil
		case a.Remove != nil && seen.has(a.Remove.Path, a.Remove.DeletionVector):
			return nil
		}
		return f(a)
	})
}

// FileActions calls f for the newest action of each logical file of a snapshot, and for what else its commits say of files.
func (l *Log) FileActions(ctx context.Context, s *Snapshot, f func(*Action) error) error {
	return l.scan(ctx, s, wantAdds|wantRemoves, f)
}
