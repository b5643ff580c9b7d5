package memory

import (
	"slices"
	"testing"
)

// FuzzRowList reads any bytes without trouble, and what it reads ascends and is written back the same.
func FuzzRowList(f *testing.F) {
	f.Add([]byte{1, 1, 0x80, 2})
	f.Add([]byte{0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := rowList(data).decode()
		if err != nil {
			return
		}
		var again rowList
		last := int64(-1)
		for _, r := range rows {
			if r <= last {
				t.Fatalf("%v does not ascend", rows)
			}
			again, last = again.append(last, r), r
		}
		if back, err := again.decode(); err != nil || !slices.Equal(back, rows) {
			t.Fatalf("%v came back as %v, %v", rows, back, err)
		}
	})
}
