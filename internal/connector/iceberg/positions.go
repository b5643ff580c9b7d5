package iceberg

import (
	"bytes"

	"github.com/apache/iceberg-go/table/dv"
)

// positions are numbers of rows of a data file.
type positions struct{ bitmap *dv.RoaringPositionBitmap }

func newPositions() *positions { return &positions{dv.NewRoaringPositionBitmap()} }

func (p *positions) add(row int64) { p.bitmap.Set(uint64(row)) }

func (p *positions) union(q *positions) { p.bitmap.Or(q.bitmap) }

func (p *positions) has(row int64) bool { return p.bitmap.Contains(uint64(row)) }

func (p *positions) count() int64 { return p.bitmap.Cardinality() }

// list are the numbers, ascending.
func (p *positions) list() []int64 {
	out := make([]int64, 0, p.count())
	for row := range p.bitmap.Positions() {
		out = append(out, int64(row))
	}
	return out
}

func (p *positions) encode() ([]byte, error) {
	p.bitmap.RunLengthEncode()
	var b bytes.Buffer
	err := p.bitmap.Serialize(&b)
	return b.Bytes(), err
}

func decodePositions(raw []byte) (*positions, error) {
	b, err := dv.DeserializeRoaringPositionBitmap(raw)
	return &positions{b}, err
}
