package rowpattern

import "math"

// spread is the state of variances: how many values there were, their mean and the sum of squared distances from it.
type spread struct {
	n        float64
	mean, m2 float64
}

// addSpread takes in a value by Welford's method.
func addSpread(s any, v []any) (any, error) {
	p, _ := s.(spread)
	x, ok := v[0].(float64)
	if !ok {
		x = float64(v[0].(int64))
	}
	p.n++
	d := x - p.mean
	p.mean += d / p.n
	p.m2 += d * (x - p.mean)
	return p, nil
}

// spreads are the results of the aggregates that tell how far values are spread.
var spreads = map[string]func(any) any{
	"stddev": root(variance(1)), "stddev_samp": root(variance(1)), "stddev_pop": root(variance(0)),
	"variance": variance(1), "var_samp": variance(1), "var_pop": variance(0),
}

// variance divides by the number of values less some; fewer values than that and one more have none.
func variance(less float64) func(any) any {
	return func(s any) any {
		p, ok := s.(spread)
		if !ok || p.n <= less {
			return nil
		}
		return p.m2 / (p.n - less)
	}
}

func root(f func(any) any) func(any) any {
	return func(s any) any {
		if v, ok := f(s).(float64); ok {
			return math.Sqrt(v)
		}
		return nil
	}
}
