package exchange

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// File is a partition file that was read back.
type File struct {
	Producer    string
	Partition   int
	Rows, Bytes int64
	// File has the content. Whoever has the File closes it.
	File *os.File
}

// Files reads the selected partition files into a spool. They come in the order of the handles and of the segments
// in them; a file of several segments where its first one stands. After an error nothing is left open.
func (r *Reader) Files(ctx context.Context, want Wanted, s *Spool) (files []File, err error) {
	defer func() {
		if err != nil {
			for _, f := range files {
				if f.File != nil {
					f.File.Close()
				}
			}
			files = nil
		}
	}()
	var items []item
	var parts []part
	for n, h := range want.Handles {
		first, err := layFiles(h, want.Partition, &files, &parts)
		if err != nil {
			return files, err
		}
		for _, p := range parts[first:] {
			items = append(items, item{handle: h, order: n, segment: p.segment, result: len(items)})
		}
	}
	for i := range files {
		if files[i].File, err = s.File(files[i].Bytes); err != nil {
			return files, err
		}
	}
	targets := make([]Target, len(parts))
	for i, p := range parts {
		targets[i] = &fileTarget{file: files[p.file].File, at: p.at}
	}
	return files, r.fill(ctx, items, targets)
}

// Sizes returns the sizes of the files that Reader.Files makes of what is wanted, in their order.
func (w Wanted) Sizes() (sizes []int64, err error) {
	var files []File
	for _, h := range w.Handles {
		if _, err := layFiles(h, w.Partition, &files, new([]part)); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		sizes = append(sizes, f.Bytes)
	}
	return sizes, nil
}

// part says where a segment goes: into which of the files, and at what offset.
type part struct {
	segment Segment
	file    int
	at      int64
}

// layFiles appends the files of which a handle has segments that are wanted, and these segments. It returns the number of the first one.
func layFiles(h *Handle, wanted func(partition int) bool, files *[]File, parts *[]part) (first int, err error) {
	first = len(*parts)
	open := map[int]int{} // files whose last segment has not come yet, by partition
	for _, seg := range h.Segments {
		if !wanted(seg.Partition) {
			continue
		}
		if seg.Kind != ParquetFile && seg.Kind != FilePart {
			return first, errors.New("read partition files: the bundle has pages of rows")
		}
		if !seg.possible() {
			return first, malformed("a segment of %d bytes at %d in the output of %s", seg.Length, seg.Offset, h.Producer)
		}
		n, begun := open[seg.Partition]
		if !begun {
			n = len(*files)
			*files = append(*files, File{Producer: h.Producer, Partition: seg.Partition})
			open[seg.Partition] = n
		}
		f := &(*files)[n]
		*parts = append(*parts, part{segment: seg, file: n, at: f.Bytes})
		f.Bytes, f.Rows = f.Bytes+seg.Bytes, f.Rows+seg.Rows
		if seg.Kind == ParquetFile {
			delete(open, seg.Partition)
		}
	}
	for partition := range open {
		return first, malformed("a file of partition %d in the output of %s has no end", partition, h.Producer)
	}
	return first, nil
}

// fileTarget is the place of a segment in a file. Several may be written at a time.
type fileTarget struct {
	file  *os.File
	at, n int64
}

// Write implements io.Writer.
func (t *fileTarget) Write(p []byte) (int, error) {
	n, err := t.file.WriteAt(p, t.at+t.n)
	t.n += int64(n)
	if err != nil {
		return n, fmt.Errorf("spool exchange input: %w", err)
	}
	return n, nil
}

// Restart implements Target. What stands there is written over: a segment always has the same size.
func (t *fileTarget) Restart() error {
	t.n = 0
	return nil
}
