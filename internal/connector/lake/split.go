package lake

import "github.com/waterbear-sql/waterbear/internal/connector"

// Piece is a run of rows of a file, [First, End), that makes a split; both are zero for the whole file.
type Piece struct {
	First, End int64
	// Rows are those of the piece, and Bytes what the columns that are read take of it.
	Rows, Bytes int64
}

// Cut makes pieces of a file at its row groups: of those that may have rows which satisfy a constraint on columns, and each not larger than
// maxBytes of the file, unless one row group is. read are the columns that are read.
func (f *Footer) Cut(read, constrained []Column, constraint []connector.Domain, maxBytes int64) (out []Piece) {
	var p Piece
	var bytes int64 // of the piece, all columns
	flush := func() {
		if p.Rows = p.End - p.First; p.Rows > 0 {
			if p.Rows == f.Rows {
				p.First, p.End = 0, 0
			}
			out = append(out, p)
		}
		p, bytes = Piece{}, 0
	}
	first := int64(0)
	for i := range f.Groups {
		g := &f.Groups[i]
		if g.Rows > 0 && g.Satisfies(constrained, constraint) {
			if p.End != first || bytes > 0 && bytes+g.Bytes > maxBytes {
				flush()
			}
			if p.End == 0 {
				p.First = first
			}
			p.End = first + g.Rows
			p.Bytes += g.BytesOf(read)
			bytes += g.Bytes
		}
		first += g.Rows
	}
	flush()
	return out
}
