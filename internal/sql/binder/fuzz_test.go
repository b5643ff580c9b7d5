package binder

import (
	"os"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// FuzzBind looks for statements that crash the binder or give errors without an identity. The seeds are the statements of
// the golden plans.
func FuzzBind(f *testing.F) {
	files, err := os.ReadDir("testdata/plans")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile("testdata/plans/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		for block := range strings.SplitSeq(string(text), "\n\n") {
			if head, _, ok := strings.Cut(block, "\n----"); ok {
				if _, sql, ok := strings.Cut(head, "\n"); ok {
					f.Add(sql)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, sql string) {
		bound, err := bindText(fakeEnv(t), sql)
		if err != nil {
			if trinoerr.CodeOf(err) == trinoerr.GenericInternalError {
				t.Errorf("%s: %v", sql, err)
			}
			return
		}
		if q, ok := bound.(*Query); ok {
			checkPlan(t, q.Plan)
		}
	})
}
