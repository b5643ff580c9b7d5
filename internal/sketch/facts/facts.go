// Package facts is what is known of the columns of a stage's output once it has been written: how many values there are, between
// which bounds, which ones when they are few, and which are frequent.
//
// A task gathers a Sketch of each column while it writes, the sketches of a stage's tasks are merged (sketch.go), and a
// Column says what has come out. All of it is bounded, however much is written. Values are integers or texts; columns of other types
// have no facts.
package facts

import "cmp"

// Bounds of what is kept of a column.
const (
	// MaxValues is how many different values are too many to be kept one by one.
	MaxValues = 1000
	// MaxTextBytes is how long a text may be to be kept; a longer one ends the list of values. Bounds are cut to it.
	MaxTextBytes = 64
	// MaxFrequent is how many frequent values are told.
	MaxFrequent = 32
)

// Column is what is known of a column of a finished stage's output.
type Column struct {
	// Output is the position of the column in the output.
	Output int `json:"output"`
	// Text says that values are texts; otherwise they are integers (a date is its number of days).
	Text bool `json:"text,omitempty"`
	// Rows are all rows, those in which the column is NULL are Nulls.
	Rows  int64 `json:"rows"`
	Nulls int64 `json:"nulls,omitempty"`
	// Distinct is an estimate of how many values there are without NULL: exact when Values are known, else within a few percent; negative when
	// it is not known, because only a sample of the rows was looked at.
	Distinct int64 `json:"distinct"`
	// Low and High enclose all values. They are nil when there is none, or when bounds are not known.
	Low  *Value `json:"low,omitempty"`
	High *Value `json:"high,omitempty"`
	// Values are all that there are, in ascending order; nil when there are too many.
	Values []Value `json:"values,omitempty"`
	// Filter holds all values, and says yes to few others; empty when nobody asked for it or there are too many.
	Filter []byte `json:"filter,omitempty"`
	// Frequent are the most frequent values, the first most so.
	Frequent []Frequent `json:"frequent,omitempty"`
}

// Value is an integer or, in a column of texts, a text.
type Value struct {
	Int  int64  `json:"i,omitempty"`
	Text string `json:"t,omitempty"`
}

// Compare orders values of one column: texts by their bytes.
func (v Value) Compare(o Value) int {
	return cmp.Or(cmp.Compare(v.Int, o.Int), cmp.Compare(v.Text, o.Text))
}

// Frequent is a value that many rows have.
type Frequent struct {
	Value Value `json:"value"`
	// Rows is how many have it: no more than that, and no fewer than Rows less Error.
	Rows  int64 `json:"rows"`
	Error int64 `json:"error,omitempty"`
}

// Find returns what is known of the column at a position; nil when that is nothing.
func Find(columns []Column, output int) *Column {
	for i := range columns {
		if columns[i].Output == output {
			return &columns[i]
		}
	}
	return nil
}
