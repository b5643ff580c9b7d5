package native

import "math/bits"

// sequenceFunctions list equidistant values.
var sequenceFunctions = []Function{
	// Start, stop, step.
	{"wb_sequence", params("BIGINT", "BIGINT", "BIGINT"), "BIGINT[]", func(a []any) (any, error) {
		return sequence(a[0].(int64), a[1].(int64), a[2].(int64))
	}},
	// Start, stop (local microseconds), step in months.
	{"wb_sequence_months", params("BIGINT", "BIGINT", "BIGINT"), "BIGINT[]", func(a []any) (any, error) {
		return sequenceOfMonths(a[0].(int64), a[1].(int64), a[2].(int64))
	}},
}

const maxSequence = 10_000

func sequenceTooLong() error {
	return badArgument("result of sequence function must not have more than 10000 entries")
}

// checkDirection fails when stop lies on the wrong side of start.
func checkDirection(start, stop, step int64) error {
	if step == 0 {
		return badArgument("step must not be zero")
	}
	if step > 0 && stop < start || step < 0 && stop > start {
		return badArgument("sequence stop value should be greater than or equal to start value if step is greater than zero " +
			"otherwise stop should be less than or equal to start")
	}
	return nil
}

func sequence(start, stop, step int64) (any, error) {
	if err := checkDirection(start, stop, step); err != nil {
		return nil, err
	}
	// The distances need one bit more than an int64.
	distance, stride := uint64(stop)-uint64(start), uint64(step)
	if step < 0 {
		distance, stride = -distance, -stride
	}
	steps, _ := bits.Div64(0, distance, stride)
	if steps >= maxSequence {
		return nil, sequenceTooLong()
	}
	out := make([]any, steps+1)
	for i := range out {
		out[i] = int64(uint64(start) + uint64(i)*uint64(step))
	}
	return out, nil
}

func sequenceOfMonths(start, stop, step int64) (any, error) {
	if err := checkDirection(start, stop, step); err != nil {
		return nil, err
	}
	var out []any
	for i := int64(0); ; i++ {
		v := addMonths(start, i*step)
		if step > 0 && v > stop || step < 0 && v < stop {
			return out, nil
		}
		if i == maxSequence {
			return nil, sequenceTooLong()
		}
		out = append(out, v)
	}
}
