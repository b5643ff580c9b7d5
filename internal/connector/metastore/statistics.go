package metastore

import "encoding/json"

// ColumnStatistics is what is known of the values of a column. Nil is not known.
type ColumnStatistics struct {
	Integer  *Bounds  `json:"integerStatistics,omitempty"`
	Double   *Bounds  `json:"doubleStatistics,omitempty"`
	Decimal  *Bounds  `json:"decimalStatistics,omitempty"`
	Date     *Bounds  `json:"dateStatistics,omitempty"`
	Boolean  *Truths  `json:"booleanStatistics,omitempty"`
	Longest  *int64   `json:"maxValueSizeInBytes,omitempty"`
	Average  *float64 `json:"averageColumnLength,omitempty"`
	Nulls    *int64   `json:"nullsCount,omitempty"`
	Distinct *int64   `json:"distinctValuesCount,omitempty"` // NULL counts as one
}

// Bounds are the smallest and the largest value: numbers, or for dates a text.
type Bounds struct {
	Min json.RawMessage `json:"min,omitempty"`
	Max json.RawMessage `json:"max,omitempty"`
}

// Truths count the values of a boolean column.
type Truths struct {
	True  *int64 `json:"trueCount,omitempty"`
	False *int64 `json:"falseCount,omitempty"`
}
