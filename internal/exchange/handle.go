package exchange

import (
	"fmt"
	"strings"
)

// Kind says what a segment holds.
type Kind uint8

// The kinds. Their numbers are part of the format.
const (
	ParquetFile Kind = 1 // a Parquet file of one partition
	RowPage     Kind = 2 // rendered rows of a root stage; partition 0
	indexKind   Kind = 3 // the index of an object; never in a Handle
	FilePart    Kind = 4 // the next bytes of a Parquet file that a ParquetFile segment of the same partition ends
)

// Segment is one file or page in a bundle, or a part of a file that was being written when the part went out. The rows of such a file
// are those of its last segment.
type Segment struct {
	Kind      Kind  `json:"k"`
	Partition int   `json:"p"`
	Object    int   `json:"o"` // position in Handle.Objects; 0 for an inline bundle
	Offset    int64 `json:"at"`
	Length    int64 `json:"n"` // as stored
	Rows      int64 `json:"r"`
	Bytes     int64 `json:"b"` // as given to the writer
}

// possible reports whether there can be such a segment.
func (s Segment) possible() bool {
	return s.Object >= 0 && s.Partition >= 0 && s.Offset >= 0 && s.Length > 0 && s.Bytes > 0 && s.Rows >= 0 && s.Bytes <= maxSegment && s.Length <= maxSegment &&
		s.Offset <= maxSegment
}

// maxSegment is more than any object has, and far from where sums overflow.
const maxSegment = 1 << 50

// Handle says where the output of an attempt is. It is plain data for the task's result and the journal.
type Handle struct {
	// Producer is the attempt, query.stage.partition.attempt.
	Producer  string `json:"producer"`
	Base      string `json:"base,omitempty"` // URI of the store
	Encrypted bool   `json:"encrypted,omitempty"`
	// Salt is what keys and checksums of this bundle depend on, so that no other one, not even of the same attempt, can stand for it.
	Salt uint64 `json:"salt,omitempty"`
	// Objects are in the order of their ordinals. There is none when the bundle is empty or inline.
	Objects []Object `json:"objects,omitempty"`
	// Inline are the bytes of a bundle too small to become an object, as they would stand in it, header first.
	Inline   []byte    `json:"inline,omitempty"`
	Segments []Segment `json:"segments,omitempty"`
}

// Object is one object of a bundle.
type Object struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
}

// Rows returns the rows of all segments.
func (h *Handle) Rows() (n int64) {
	for _, s := range h.Segments {
		n += s.Rows
	}
	return n
}

// Bytes returns the size of all segments as given to the writer.
func (h *Handle) Bytes() (n int64) {
	for _, s := range h.Segments {
		n += s.Bytes
	}
	return n
}

// StoredBytes returns what the bundle occupies in the store.
func (h *Handle) StoredBytes() (n int64) {
	for _, o := range h.Objects {
		n += o.Size
	}
	return n
}

// LostError says that output of an attempt is missing or damaged for good. The output has to be computed again; nothing
// else is wrong.
type LostError struct {
	Producer  string // the attempt whose output it is
	Partition int    // one of the output partitions that are affected
	Key       string // the object; empty when the bundle travelled in the handle
	Err       error
}

// Error names the attempt, the partition and the object.
func (e *LostError) Error() string {
	return fmt.Sprintf("output of attempt %s, partition %d, object %q is lost: %v", e.Producer, e.Partition, e.Key, e.Err)
}

// Unwrap returns what was found.
func (e *LostError) Unwrap() error { return e.Err }

// AttemptPrefix returns the prefix of the keys of an attempt: all of a query's exchange data has one prefix, and so has a
// stage's, so that both are deleted by it. Keys are not spread by random prefixes: stores split hot ranges of keys by
// themselves nowadays, and several base locations spread the rest.
func AttemptPrefix(query string, stage, partition, attempt int) string {
	return fmt.Sprintf("%s%d.%d/", StagePrefix(query, stage), partition, attempt)
}

// StagePrefix returns the prefix of the keys of a stage.
func StagePrefix(query string, stage int) string {
	return fmt.Sprintf("%s%d/", QueryPrefix(query), stage)
}

// QueryPrefix returns the prefix of the keys of a query.
func QueryPrefix(query string) string { return strings.TrimSuffix(query, "/") + "/" }
