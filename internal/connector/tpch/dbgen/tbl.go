package dbgen

import "time"

// AppendRow appends a row of a batch in the benchmark's own text form: each value followed by a bar, then a line end.
// columns are those of the batch.
func AppendRow(dst []byte, columns []Column, b *Batch, row int) []byte {
	for i, c := range columns {
		v := &b.Columns[i]
		switch c.Kind {
		case Key:
			dst = appendNumber(dst, v.I64[row], 1)
		case Integer:
			dst = appendNumber(dst, int64(v.I32[row]), 1)
		case Money:
			n := v.I64[row]
			if n < 0 {
				dst, n = append(dst, '-'), -n
			}
			dst = appendNumber(dst, n/100, 1)
			// Quantities are whole numbers, and the only amounts that the text form shows without a fraction.
			if c.Name != "l_quantity" {
				dst = appendNumber(append(dst, '.'), n%100, 2)
			}
		case Date:
			dst = time.Unix(int64(v.I32[row])*86400, 0).UTC().AppendFormat(dst, time.DateOnly)
		case Text:
			dst = append(dst, v.Data[v.Offsets[row]:v.Offsets[row+1]]...)
		}
		dst = append(dst, '|')
	}
	return append(dst, '\n')
}
