package sim

import "testing"

// Seeds that have broken a rule, each with what was wrong.
func TestSeedsThatWereWrong(t *testing.T) {
	for seed, why := range map[int64]string{
		19451:  "two tasks share an exchange partition of a join that is empty in the divided input: both let the other input's rows through",
		161426: "the same, in another shape",
	} {
		if _, err := Run(seed); err != nil {
			t.Errorf("%s: %v", why, err)
		}
	}
}
