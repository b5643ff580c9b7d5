package memory

import (
	"encoding/binary"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// rowList is an ascending list of row numbers: the differences between neighbours, as variable-length integers.
type rowList []byte

// append adds a row; last is the one before it, -1 for the first.
func (l rowList) append(last, row int64) rowList {
	return binary.AppendUvarint(l, uint64(row-last))
}

// decode lists the rows.
func (l rowList) decode() ([]int64, error) {
	var rows []int64
	last := int64(-1)
	for len(l) > 0 {
		d, n := binary.Uvarint(l)
		if n <= 0 || d == 0 || int64(d) < 0 || last+int64(d) < 0 {
			return nil, trinoerr.New(trinoerr.SerializationError, "a list of deleted rows is damaged")
		}
		last += int64(d)
		rows = append(rows, last)
		l = l[n:]
	}
	return rows, nil
}
