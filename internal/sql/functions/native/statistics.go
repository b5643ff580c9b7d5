package native

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// statisticsFunctions are distributions and intervals of probability theory.
var statisticsFunctions = []Function{
	// Mean, standard deviation, value.
	{"wb_normal_cdf", params("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		mean, sd, v := a[0].(float64), a[1].(float64), a[2].(float64)
		if !(sd > 0) {
			return nil, badArgument("standardDeviation must be > 0")
		}
		return math.Erfc((mean-v)/(sd*math.Sqrt2)) / 2, nil
	}},
	{"wb_inverse_normal_cdf", params("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		mean, sd, p := a[0].(float64), a[1].(float64), a[2].(float64)
		if !(p > 0 && p < 1) {
			return nil, badArgument("p must be 0 > p > 1")
		}
		if !(sd > 0) {
			return nil, badArgument("sd must be > 0")
		}
		return mean + sd*mathext.NormalQuantile(p), nil
	}},
	{"wb_beta_cdf", params("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		alpha, beta, v := a[0].(float64), a[1].(float64), a[2].(float64)
		if !(v >= 0 && v <= 1) {
			return nil, badArgument("value must be 0 >= v >= 1")
		}
		if !(alpha > 0 && beta > 0) {
			return nil, badArgument("a, b must be > 0")
		}
		return mathext.RegIncBeta(alpha, beta, v), nil
	}},
	{"wb_inverse_beta_cdf", params("DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		alpha, beta, p := a[0].(float64), a[1].(float64), a[2].(float64)
		if !(p >= 0 && p <= 1) {
			return nil, badArgument("p must be 0 >= p >= 1")
		}
		if !(alpha > 0 && beta > 0) {
			return nil, badArgument("a, b must be > 0")
		}
		return mathext.InvRegIncBeta(alpha, beta, p), nil
	}},
	// Value, degrees of freedom.
	{"wb_t_cdf", params("DOUBLE", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		x, df := a[0].(float64), a[1].(float64)
		if !(df >= 1) {
			return nil, badFreedom()
		}
		switch {
		case math.IsNaN(x):
			return x, nil
		case math.IsInf(x, 0):
			return map[bool]float64{true: 1, false: 0}[x > 0], nil
		}
		tail := mathext.RegIncBeta(df/2, 0.5, df/(df+x*x)) / 2
		if x > 0 {
			return 1 - tail, nil
		}
		return tail, nil
	}},
	{"wb_t_pdf", params("DOUBLE", "DOUBLE"), "DOUBLE", func(a []any) (any, error) {
		x, df := a[0].(float64), a[1].(float64)
		if !(df >= 1) {
			return nil, badFreedom()
		}
		high, _ := math.Lgamma((df + 1) / 2)
		low, _ := math.Lgamma(df / 2)
		return math.Exp(high - low - (math.Log(math.Pi)+math.Log(df))/2 - (df+1)/2*math.Log1p(x*x/df)), nil
	}},
	// Successes, trials, z-score, and the bound that is asked for: -1 the lower, 1 the upper.
	{"wb_wilson_interval", params("BIGINT", "BIGINT", "DOUBLE", "BIGINT"), "DOUBLE", func(a []any) (any, error) {
		return wilson(a[0].(int64), a[1].(int64), a[2].(float64), float64(a[3].(int64)))
	}},
}

func badArgument(format string, args ...any) error {
	return trinoerr.New(trinoerr.InvalidFunctionArgument, format, args...)
}

func badFreedom() error { return badArgument("degrees of freedom must be greater than or equal to 1") }

// wilson is a bound of the Wilson score interval of a binomial proportion.
func wilson(successes, trials int64, z, side float64) (any, error) {
	switch {
	case successes < 0:
		return nil, badArgument("number of successes must not be negative")
	case trials <= 0:
		return nil, badArgument("number of trials must be positive")
	case successes > trials:
		return nil, badArgument("number of successes must not be larger than number of trials")
	case z < 0:
		return nil, badArgument("z-score must not be negative")
	}
	n := float64(trials)
	p := float64(successes) / n
	middle := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return (middle + side*spread) / (1 + z*z/n), nil
}
