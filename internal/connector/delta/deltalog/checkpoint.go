package deltalog

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// wanted are the actions that a reading of a checkpoint is about.
type wanted uint8

const (
	wantHead wanted = 1 << iota // protocol and metadata
	wantAdds
	wantRemoves
	wantRest // applications, domains
)

// readCheckpoint calls f for actions of a checkpoint, those of its sidecars last.
func (l *Log) readCheckpoint(ctx context.Context, cp *Checkpoint, want wanted, f func(*Action) error) error {
	var beside []File
	collect := func(a *Action) error {
		switch {
		case a.Sidecar != nil:
			if want&(wantAdds|wantRemoves) != 0 {
				// Sidecars lie in their directory, whatever the path says.
				name, err := DecodePath(a.Sidecar.Path)
				if err != nil {
					return err
				}
				beside = append(beside, File{Name: sidecars + path.Base(name), Size: a.Sidecar.SizeInBytes})
			}
			return nil
		case a.Checkpoint != nil, !want.includes(a):
			return nil
		}
		return f(a)
	}
	for _, file := range cp.Files {
		if err := l.readCheckpointFile(ctx, file, want, collect); err != nil {
			return err
		}
	}
	for _, file := range beside {
		if err := l.readCheckpointFile(ctx, file, want, collect); err != nil {
			return err
		}
	}
	return nil
}

func (w wanted) includes(a *Action) bool {
	switch {
	case a.Protocol != nil, a.Metadata != nil:
		return w&wantHead != 0
	case a.Add != nil:
		return w&wantAdds != 0
	case a.Remove != nil:
		return w&wantRemoves != 0
	case a.Txn != nil, a.Domain != nil:
		return w&wantRest != 0
	}
	return false
}

func (l *Log) readCheckpointFile(ctx context.Context, file File, want wanted, f func(*Action) error) error {
	if strings.HasSuffix(file.Name, ".json") {
		r, err := l.open(ctx, file.Name)
		if err != nil {
			return err
		}
		defer r.Close()
		return readLines(r, file.Name, f)
	}
	in := &ranges{ctx: ctx, files: l.Files, location: l.at(file.Name)}
	err := readParquet(in, file.Size, want, f)
	if in.err != nil {
		return in.err // the storage's own, which the decoder words anew
	}
	return err
}

// ranges reads parts of a file.
type ranges struct {
	ctx      context.Context
	files    Files
	location string
	err      error
}

// ReadAt reads a part.
func (r *ranges) ReadAt(p []byte, off int64) (int, error) {
	in, err := r.files.Open(r.ctx, r.location, off, int64(len(p)))
	if err != nil {
		r.err = err
		return 0, err
	}
	defer in.Close()
	n, err := io.ReadFull(in, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// pageBuffer is how much of a column of a checkpoint is read at a time.
const pageBuffer = 256 << 10

// readParquet calls f for actions in a Parquet file. The decoder trusts its input: what makes it fall is an error.
func readParquet(in io.ReaderAt, size int64, want wanted, f func(*Action) error) (err error) {
	var inside error // f's own
	defer func() {
		if p := recover(); p != nil {
			err = broken("a checkpoint cannot be decoded: %v", p)
		}
	}()
	file, err := parquet.OpenFile(in, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(pageBuffer))
	if err != nil {
		return broken("a checkpoint cannot be decoded: %s", err.Error())
	}
	columns := leaves(file.Root())
	for _, group := range file.RowGroups() {
		if err := readGroup(group, columns, want, func(a *Action) error {
			if inside = a.check(); inside == nil {
				inside = f(a)
			}
			return inside
		}); err != nil {
			if inside != nil {
				return inside
			}
			return broken("a checkpoint cannot be decoded: %s", err.Error())
		}
	}
	return nil
}

// leaf is a leaf column of a checkpoint. Its path has no steps for the lists and maps that Parquet nests: elements are "[]", keys and
// values of maps "{k}" and "{v}".
type leaf struct {
	path   string
	index  int
	column *parquet.Column
	defs   int // how deep a value that is not NULL is defined
}

// leaves lists the leaf columns by path.
func leaves(root *parquet.Column) map[string]leaf {
	out := map[string]leaf{}
	var walk func(c *parquet.Column, at string)
	walk = func(c *parquet.Column, at string) {
		if c.Leaf() {
			out[at] = leaf{path: at, index: int(c.Index()), column: c, defs: c.MaxDefinitionLevel()}
			return
		}
		children := c.Columns()
		inner, repeated := []*parquet.Column(nil), len(children) == 1 && children[0].Repeated()
		if repeated {
			inner = children[0].Columns()
		}
		switch {
		case repeated && len(inner) == 2:
			walk(inner[0], at+"{k}")
			walk(inner[1], at+"{v}")
		case repeated && len(inner) == 1:
			walk(inner[0], at+"[]")
		case repeated && len(inner) == 0:
			walk(children[0], at+"[]")
		default:
			for _, child := range children {
				if strings.ContainsAny(child.Name(), ".[{") {
					continue // statistics of a column whose name would be misunderstood
				}
				walk(child, strings.TrimPrefix(at+"."+child.Name(), "."))
			}
		}
	}
	walk(root, "")
	return out
}

// reader reads a leaf column row by row.
type reader struct {
	leaf
	values parquet.ColumnChunkValueReader
	buf    [256]parquet.Value
	have   []parquet.Value
	end    bool
	row    []parquet.Value
}

// next reads the values of the next row, of which there are several in lists and maps.
func (r *reader) next() ([]parquet.Value, error) {
	r.row = r.row[:0]
	for {
		if len(r.have) == 0 {
			if r.end {
				break
			}
			n, err := r.values.ReadValues(r.buf[:])
			if err == io.EOF {
				r.end = true
			} else if err != nil {
				return nil, err
			}
			if n == 0 {
				if r.end {
					break
				}
				return nil, io.ErrNoProgress
			}
			r.have = r.buf[:n]
		}
		if len(r.row) > 0 && r.have[0].RepetitionLevel() == 0 {
			break
		}
		if len(r.row) >= maxRowValues {
			return nil, fmt.Errorf("more than %d values in a row of %s", maxRowValues, r.path)
		}
		r.row = append(r.row, r.have[0].Clone())
		r.have = r.have[1:]
	}
	if len(r.row) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return r.row, nil
}

// maxRowValues bounds the lists and maps of an action.
const maxRowValues = 1 << 20

// readGroup reads a row group.
func readGroup(group parquet.RowGroup, columns map[string]leaf, want wanted, f func(*Action) error) error {
	chunks := group.ColumnChunks()
	open := map[string]*reader{}
	defer func() {
		for _, r := range open {
			r.values.Close()
		}
	}()
	use := func(path string) {
		if c, ok := columns[path]; ok && open[path] == nil {
			open[path] = &reader{leaf: c, values: parquet.NewColumnChunkValueReader(chunks[c.index])}
		}
	}
	var parts []part
	for _, p := range checkpointParts {
		if p.want&want == 0 {
			continue
		}
		if _, ok := columns[p.name+"."+p.key]; !ok {
			continue
		}
		parts = append(parts, p)
		for _, column := range p.columns {
			for _, name := range column.leaves(p.name) {
				use(name)
			}
		}
	}
	parsed := newParsedStats(columns, want, use)
	if len(open) == 0 {
		return nil // nothing in it is wanted, and its number of rows need not be true
	}
	row := rowOf{values: map[string][]parquet.Value{}}
	for range group.NumRows() {
		for name, r := range open {
			values, err := r.next()
			if err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
			row.values[name] = values
		}
		for _, p := range parts {
			if _, ok := row.value(p.name + "." + p.key); !ok {
				continue
			}
			a := new(Action)
			for _, column := range p.columns {
				column.set(a, row, p.name)
			}
			if a.Add != nil && a.Add.Stats == "" {
				a.Add.Stats = parsed.json(row)
			}
			if err := f(a); err != nil {
				return err
			}
		}
	}
	return nil
}
