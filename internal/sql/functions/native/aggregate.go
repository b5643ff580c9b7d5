package native

// Aggregate is an aggregate function. Its types are those of Function.
type Aggregate struct {
	Name   string
	Params []string
	Result string
	// CalledOnNull aggregates see rows with NULL arguments (as nil); others never do.
	CalledOnNull bool
	// New returns the state of a group without rows.
	New func() Accumulator
}

// Accumulator is the state of one group.
//
// States are only used by one goroutine at a time. A *trinoerr.Error becomes the statement's error.
type Accumulator interface {
	// Add takes a row. The slice is the caller's, its values may be kept.
	Add(args []any) error
	// Merge adds the rows of another state of the same aggregate, which stays as it is and is not held on to. The other's
	// rows come after the own.
	Merge(other Accumulator) error
	// Result computes the value; nil is NULL. It may be called several times, with rows added in between.
	Result() (any, error)
}

// Aggregates are all of them.
var Aggregates = joinAggregates(mostFrequentAggregates, numericHistogramAggregates, hllAggregates, thetaAggregates, quantileAggregates, setDigestAggregates, checksumAggregates)

func joinAggregates(tables ...[]Aggregate) []Aggregate {
	var out []Aggregate
	for _, t := range tables {
		out = append(out, t...)
	}
	return out
}
