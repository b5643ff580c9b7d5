package lines

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// maxLine bounds a line.
const maxLine = 128 << 20

// errTooLong says that a line is longer than that.
var errTooLong = errors.New("a line is longer than 128 MB")

// lineReader reads lines that end with \n, \r or both.
type lineReader struct {
	in   *bufio.Reader
	at   int64 // how many bytes have been read
	line []byte
}

// next reads a line; false at the end. It is valid until the next call.
func (r *lineReader) next() ([]byte, bool, error) {
	r.line = r.line[:0]
	found := false
	for {
		part, err := r.in.Peek(1)
		if len(part) == 0 {
			if errors.Is(err, io.EOF) {
				return r.line, found, nil
			}
			return nil, false, err
		}
		found = true
		part, _ = r.in.Peek(r.in.Buffered())
		end := bytes.IndexAny(part, "\r\n")
		if end < 0 {
			r.line = append(r.line, part...)
			r.skip(len(part))
			if len(r.line) > maxLine {
				return nil, false, errTooLong
			}
			continue
		}
		r.line = append(r.line, part[:end]...)
		isReturn := part[end] == '\r'
		r.skip(end + 1)
		if isReturn {
			if more, err := r.in.Peek(1); err != nil && !errors.Is(err, io.EOF) {
				return nil, false, err
			} else if len(more) == 1 && more[0] == '\n' {
				r.skip(1)
			}
		}
		return r.line, true, nil
	}
}

func (r *lineReader) skip(n int) {
	_, _ = r.in.Discard(n) // what is buffered can be
	r.at += int64(n)
}

// Reader makes rows of the lines of a file, or of a part of it.
type Reader struct {
	o       Options
	columns []Column // of the table, those in files
	wanted  []int    // of them

	lines lineReader
	end   int64 // lines that begin at or before it are read; negative: all
	// held are lines that are read but may be the footer.
	held [][]byte

	text textReader
	csv  csvReader
	json *jsonReader
}

// NewReader reads the lines of in that begin behind byte start, or are the first, up to those that begin at byte end of the file; in begins
// at start. A negative end is that of the file. wanted are the numbers of the columns that rows are to have.
func NewReader(in io.Reader, o Options, columns []Column, wanted []int, start, end int64) (*Reader, error) {
	if err := Check(o, columns); err != nil {
		return nil, err
	}
	r := &Reader{o: o, columns: columns, wanted: wanted, lines: lineReader{in: bufio.NewReaderSize(in, 256<<10), at: start}, end: end}
	r.text = textReader{o: o, fields: make([][]byte, len(columns))}
	r.csv = csvReader{o: o, fields: make([]string, len(columns))}
	r.json = newJSONReader(o, columns)
	skip := 1 // the rest of a line that begins before
	if start == 0 {
		skip = o.Header
		if mark, _ := r.lines.in.Peek(3); string(mark) == "\xef\xbb\xbf" {
			r.lines.skip(3)
		}
	}
	for range skip {
		if _, found, err := r.lines.next(); err != nil || !found {
			return r, err
		}
	}
	return r, nil
}

// line returns the next line that is a row.
func (r *Reader) line() ([]byte, bool, error) {
	if r.o.Footer == 0 {
		if r.end >= 0 && r.lines.at > r.end {
			return nil, false, nil
		}
		return r.lines.next()
	}
	for len(r.held) <= r.o.Footer {
		line, found, err := r.lines.next()
		if err != nil || !found {
			return nil, false, err
		}
		r.held = append(r.held, bytes.Clone(line))
	}
	line := r.held[0]
	r.held = append(r.held[:0], r.held[1:]...)
	return line, true, nil
}

// Next appends at most limit rows to columns, which are parallel to those wanted, and returns how many; zero is the end.
func (r *Reader) Next(columns []connector.Vector, limit int) (n int, err error) {
	for n < limit {
		line, found, err := r.line()
		if err != nil || !found {
			return n, err
		}
		if err := r.row(columns, line); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (r *Reader) row(columns []connector.Vector, line []byte) error {
	switch r.o.Format {
	case Text:
		r.text.split(line)
	case CSV:
		r.csv.split(string(line))
	default:
		if err := r.json.split(line); err != nil {
			return fmt.Errorf("%w in the line %.100q", err, line)
		}
	}
	for i, ordinal := range r.wanted {
		v, t := &columns[i], r.columns[ordinal].Type
		switch r.o.Format {
		case Text:
			r.text.appendField(v, t, ordinal)
		case CSV:
			r.csv.appendField(v, ordinal)
		default:
			if err := r.json.appendField(v, t, ordinal); err != nil {
				return err
			}
		}
	}
	return nil
}
