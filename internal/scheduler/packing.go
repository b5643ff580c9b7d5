package scheduler

import (
	"encoding/binary"
	"strings"
	"time"
)

// packWriter appends to a packed string.
type packWriter struct {
	b    []byte
	dict *names
}

func (w *packWriter) long(n int64) { w.b = binary.AppendVarint(w.b, n) }
func (w *packWriter) num(n int)    { w.long(int64(n)) }

func (w *packWriter) flag(f bool) {
	if f {
		w.num(1)
	} else {
		w.num(0)
	}
}

func (w *packWriter) text(s string) {
	w.num(len(s))
	w.b = append(w.b, s...)
}

func (w *packWriter) name(s string) { w.num(w.dict.number(s)) }

// count writes a length that tells nil from empty.
func (w *packWriter) count(n int, none bool) {
	if none {
		n = -1
	}
	w.num(n)
}

func (w *packWriter) nums(list []int) {
	w.count(len(list), list == nil)
	for _, n := range list {
		w.num(n)
	}
}

func (w *packWriter) names(list []string) {
	w.count(len(list), list == nil)
	for _, s := range list {
		w.name(s)
	}
}

// packReader takes a packed string apart.
type packReader struct {
	s    string
	dict *names
	bad  bool // it was no packed string
}

func (r *packReader) long() int64 {
	var u uint64
	for shift := 0; len(r.s) > 0 && shift < 64; shift += 7 {
		c := r.s[0]
		r.s = r.s[1:]
		u |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return int64(u>>1) ^ -int64(u&1)
		}
	}
	r.bad = true
	return 0
}

func (r *packReader) duration() time.Duration { return time.Duration(r.long()) }

func (r *packReader) num() int   { return int(r.long()) }
func (r *packReader) flag() bool { return r.num() == 1 }

func (r *packReader) text() string {
	n := r.length()
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

// length returns the length of what follows, which takes a byte or more for each.
func (r *packReader) length() int {
	n := r.num()
	if n < 0 || n > len(r.s) {
		r.bad = true
		return 0
	}
	return n
}

func (r *packReader) name() string {
	n := r.num()
	if n < 0 || n >= len(r.dict.list) {
		r.bad = true
		return ""
	}
	return r.dict.list[n]
}

func (r *packReader) count() (int, bool) {
	if strings.HasPrefix(r.s, "\x01") { // -1
		r.s = r.s[1:]
		return 0, false
	}
	return r.length(), true
}

func (r *packReader) nums() []int {
	n, ok := r.count()
	if !ok {
		return nil
	}
	list := make([]int, n)
	for i := range list {
		list[i] = r.num()
	}
	return list
}

func (r *packReader) names() []string {
	n, ok := r.count()
	if !ok {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.name()
	}
	return list
}
