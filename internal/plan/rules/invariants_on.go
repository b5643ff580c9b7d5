//go:build invariants

package rules

import (
	"fmt"

	"github.com/waterbear-sql/waterbear/internal/plan"
)

// verify panics when a pass has broken a plan.
func verify(pass string, before, after plan.Node) {
	if err := plan.Check(after); err != nil {
		panic(fmt.Sprintf("rules: after %s: %v\n%s", pass, err, plan.Print(after, plan.PrintOptions{})))
	}
	if !sameSymbols(before.Outputs(), after.Outputs()) {
		panic("rules: " + pass + " changes the columns of the plan")
	}
}
