package connector

import (
	"context"
	"encoding/json"
)

// Analyzer is a connector that keeps statistics of its tables, which ANALYZE gathers in a query over them.
type Analyzer interface {
	// AnalyzeProperties describes what may stand in WITH (…).
	AnalyzeProperties() []Property
	// Analysis says what is to be found out about a table.
	Analysis(ctx context.Context, t *Table, properties map[string]any) (*Analysis, error)
	// StoreStatistics keeps what was found out. It may be called again, with the same, after a failure.
	StoreStatistics(ctx context.Context, handle json.RawMessage, groups []GroupStatistics) error
}

// Analysis says what ANALYZE is to find out.
type Analysis struct {
	// Handle identifies the table, and what else StoreStatistics has to know.
	Handle json.RawMessage
	// GroupBy are columns, by name, by whose values rows are told apart; Columns are those to be described.
	GroupBy, Columns []string
	// Sketches asks for a theta sketch of the values of each column, and how many they are, in place of all else.
	Sketches bool
	// Groups, when not nil, are the values of GroupBy, as text, of the only rows of interest; nil in a group is NULL.
	Groups [][]*string
}

// GroupStatistics describes the rows of a group.
type GroupStatistics struct {
	Rows  int64
	Group []*string // the values of GroupBy, as text; nil for NULL
	// Columns is parallel to those of the Analysis.
	Columns []GatheredStatistics
}

// GatheredStatistics describes the values of a column. Nil is not known, or makes no sense for the type.
type GatheredStatistics struct {
	Values   int64  // how many are not NULL
	Distinct *int64 // about how many of these differ
	Low      *string
	High     *string
	Bytes    *int64 // of texts, all together; of them the longest
	Longest  *int64
	Sketch   []byte // as Apache DataSketches has them, compact; of values in Iceberg's form for single values
}

// Fields of a column in the rows that a statement of ANALYZE gives: the number of rows, the group's values, then these for each
// column.
const analyzeFields = 7

// DecodeStatistics reads such a row, given as JSON, of an analysis with some columns to group by.
func DecodeStatistics(row []json.RawMessage, groupBy int) (GroupStatistics, error) {
	var g GroupStatistics
	if err := json.Unmarshal(row[0], &g.Rows); err != nil {
		return g, err
	}
	g.Group = make([]*string, groupBy)
	for i := range g.Group {
		if err := json.Unmarshal(row[1+i], &g.Group[i]); err != nil {
			return g, err
		}
	}
	for rest := row[1+groupBy:]; len(rest) >= analyzeFields; rest = rest[analyzeFields:] {
		var c GatheredStatistics
		for i, to := range []any{&c.Values, &c.Distinct, &c.Low, &c.High, &c.Bytes, &c.Longest, &c.Sketch} {
			if err := json.Unmarshal(rest[i], to); err != nil {
				return g, err
			}
		}
		g.Columns = append(g.Columns, c)
	}
	return g, nil
}
