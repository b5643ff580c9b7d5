package rowpattern

import (
	"fmt"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Call matches a partition whose values are texts. The spec is as Encode writes it; each column is a list of string or nil: its
// value where a navigation finds no row, then those of the rows. A further, last column holds the number of rows behind each row
// that its frame has, of a spec with Window, without a text in front.
//
// The result are the lists of Result, in their order, of int64, bool and nil.
func Call(spec string, columns []any) ([]any, error) {
	m, err := cached(spec)
	if err != nil {
		return nil, err
	}
	in, err := m.spec.input(columns)
	if err != nil {
		return nil, err
	}
	r, err := m.Partition(in)
	if err != nil {
		return nil, err
	}
	outputs := make([]any, len(r.Outputs))
	for i, o := range r.Outputs {
		outputs[i] = optional(o)
	}
	return []any{integers(r.Row), optional(r.Number), booleans(r.Last), booleans(r.Shown), integers(r.First), integers(r.Length),
		outputs}, nil
}

func integers(list []int) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out
}

func optional(list []*int) []any {
	out := make([]any, len(list))
	for i, v := range list {
		if v != nil {
			out[i] = int64(*v)
		}
	}
	return out
}

func booleans(list []bool) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// matchers keeps the compiled specs of statements that are running: a statement calls once for each partition.
var matchers struct {
	sync.Mutex
	byText map[string]*Matcher
}

const maxMatchers = 32

func cached(spec string) (*Matcher, error) {
	matchers.Lock()
	defer matchers.Unlock()
	if m := matchers.byText[spec]; m != nil {
		return m, nil
	}
	s, err := Decode(spec)
	if err != nil {
		return nil, err
	}
	m, err := New(s)
	if err != nil {
		return nil, err
	}
	if len(matchers.byText) >= maxMatchers || matchers.byText == nil {
		matchers.byText = map[string]*Matcher{}
	}
	matchers.byText[spec] = m
	return m, nil
}

// input reads the values of columns. The last column is always there, so that rows can be counted.
func (s *Spec) input(columns []any) (Input, error) {
	if len(columns) != len(s.Columns)+1 {
		return Input{}, fmt.Errorf("row pattern: %d columns, want %d", len(columns), len(s.Columns)+1)
	}
	frames, _ := columns[len(s.Columns)].([]any)
	in := Input{Rows: len(frames)}
	for i, t := range s.Columns {
		texts, _ := columns[i].([]any)
		values := make([]any, len(texts))
		for r, text := range texts {
			if text == nil {
				continue
			}
			v, err := t.parse(text.(string))
			if err != nil {
				return in, fmt.Errorf("row pattern: %w", err)
			}
			values[r] = v
		}
		if len(values) != in.Rows+1 {
			return in, fmt.Errorf("row pattern: column of %d rows, want %d", len(values)-1, in.Rows)
		}
		in.NoRow, in.Columns = append(in.NoRow, values[0]), append(in.Columns, values[1:])
	}
	if !s.Window {
		return in, nil
	}
	in.Ends = make([]int, in.Rows)
	for r, text := range frames {
		in.Ends[r] = in.Rows
		if text == nil {
			continue
		}
		v, err := Type{Kind: Int}.parse(text.(string))
		if err != nil {
			return in, fmt.Errorf("row pattern: %w", err)
		}
		n := v.(int64)
		if n < 0 {
			return in, trinoerr.New(trinoerr.InvalidWindowFrame, "Window frame offset value must not be negative or null")
		}
		if n < int64(in.Rows-r) {
			in.Ends[r] = r + int(n) + 1
		}
	}
	return in, nil
}
