package delta

import (
	"context"
	"encoding/json"
	"iter"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/delta/deltalog"
	"github.com/waterbear-sql/waterbear/internal/connector/lake"
	"github.com/waterbear-sql/waterbear/internal/filesystem"
)

// split is a data file, or a range of its rows.
type split struct {
	// File is the path in the log, and Location where that is.
	File     string `json:"file"`
	Location string `json:"location"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // milliseconds
	// First and End delimit the rows; they are zero for the whole file.
	First int64 `json:"first,omitempty"`
	End   int64 `json:"end,omitempty"`
	// Partition has the values of table partitioning columns, by physical name.
	Partition map[string]*string       `json:"partition,omitempty"`
	Deleted   *deltalog.DeletionVector `json:"deleted,omitempty"`
	// Rows are those of a table about a table, instead of all the above.
	Rows [][]any `json:"rows,omitempty"`
}

// locate is the location of a data file.
func locate(table, path string) (string, error) {
	decoded, err := deltalog.DecodePath(path)
	if err != nil || absolute(decoded) {
		return decoded, err
	}
	return filesystem.Join(table, decoded), nil
}

// absolute paths begin with a scheme or a slash.
func absolute(path string) bool {
	scheme, _, found := strings.Cut(path, ":/")
	return found && !strings.Contains(scheme, "/") || strings.HasPrefix(path, "/")
}

// Splits streams the data files of a version that a constraint leaves, and cuts the large ones.
func (c *Connector) Splits(ctx context.Context, scan connector.Scan) (connector.SplitSource, error) {
	h, err := readHandle(scan.Handle, scan.Table)
	if err != nil {
		return nil, err
	}
	t, err := c.open(ctx, *h)
	if err != nil {
		return nil, err
	}
	if h.Part != "" {
		return c.partSplits(ctx, t)
	}
	within, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k := &cutter{c: c, t: t, scan: scan, filter: t.filter(scan.Constraint), splitBytes: c.SettingsFor(ctx).splitBytes}
	src := &splitSource{cancel: cancel}
	src.next, src.stop = iter.Pull2(k.splits(within))
	return src, nil
}

// cutter makes splits of data files.
type cutter struct {
	c          *Connector
	t          *table
	scan       connector.Scan
	filter     filter
	splitBytes int64
}

// splits are those of all files.
func (k *cutter) splits(ctx context.Context) iter.Seq2[connector.Split, error] {
	return func(yield func(connector.Split, error) bool) {
		stopped := false
		err := k.c.liveFiles(ctx, k.t, k.filter, func(a *deltalog.Add) error {
			pieces, err := k.cut(ctx, a)
			for _, p := range pieces {
				if err == nil && !yield(p, nil) {
					stopped = true
					return errStopped
				}
			}
			return err
		})
		if err != nil && !stopped {
			yield(connector.Split{}, failure(err, k.t.Name))
		}
	}
}

// errStopped ends a listing early.
var errStopped = &deltalog.Error{Msg: "stopped"}

// liveFiles calls f for the files of a version that a filter leaves.
func (c *Connector) liveFiles(ctx context.Context, t *table, only filter, f func(*deltalog.Add) error) error {
	return t.log.Adds(ctx, t.snapshot, func(a *deltalog.Add) error {
		ok, err := only.allows(a)
		if err != nil || !ok {
			return err
		}
		return f(a)
	})
}

// cut makes the splits of a file.
func (k *cutter) cut(ctx context.Context, a *deltalog.Add) ([]connector.Split, error) {
	location, err := locate(k.t.Location, a.Path)
	if err != nil {
		return nil, err
	}
	s := split{File: a.Path, Location: location, Size: a.Size, Modified: a.ModificationTime, Deleted: a.DeletionVector}
	for _, p := range k.t.partitions {
		if s.Partition == nil {
			s.Partition = map[string]*string{}
		}
		s.Partition[p.physical] = a.PartitionValues[p.physical]
	}
	rows := statsOf(a).rows(a)
	if rows == 0 {
		return nil, nil
	}
	if a.Size <= k.splitBytes {
		return s.whole(max(0, rows))
	}
	foot, err := k.c.footers.Get(ctx, lake.File{Location: location, Size: a.Size})
	if err != nil {
		return nil, err
	}
	var read, constrained []lake.Column
	for _, col := range k.scan.Columns {
		if base := k.t.base(col); base != nil && !base.partition {
			read = append(read, foot.Find(col, base.match(k.t.mode)))
		}
	}
	var constraint []connector.Domain
	for _, part := range k.filter {
		if !part.partition {
			constrained = append(constrained, foot.Find(part.column.Column, part.match(k.t.mode)))
			constraint = append(constraint, part.Domain)
		}
	}
	var out []connector.Split
	for _, p := range foot.Cut(read, constrained, constraint, k.splitBytes) {
		s.First, s.End = p.First, p.End
		raw, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		out = append(out, connector.Split{Handle: raw, Rows: p.Rows, Bytes: p.Bytes})
	}
	return out, nil
}

func (s *split) whole(rows int64) ([]connector.Split, error) {
	raw, err := json.Marshal(s)
	return []connector.Split{{Handle: raw, Rows: rows, Bytes: s.Size}}, err
}

// base is the column of the table that a column of a scan is, or is a field of; nil for hidden ones.
func (l *layout) base(c connector.Column) *column {
	if c.Base != "" {
		return l.column(c.Base)
	}
	return l.column(c.Name)
}

// splitSource hands out splits as they are found.
type splitSource struct {
	cancel context.CancelFunc
	next   func() (connector.Split, error, bool)
	stop   func()
}

// Next returns further splits.
func (s *splitSource) Next(ctx context.Context, limit int) ([]connector.Split, error) {
	var out []connector.Split
	for len(out) < limit {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		sp, err, ok := s.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		out = append(out, sp)
	}
	return out, nil
}

// Close ends the listing.
func (s *splitSource) Close() error {
	s.cancel()
	s.stop()
	return nil
}
