package engine

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
)

// Key filters have all values that they were made of, of either kind, few others, and never NULL.
func TestKeyFilterFunctions(t *testing.T) {
	i := open(t, 0)
	integers, texts := make(facts.Filter, facts.FilterWords(1000)), make(facts.Filter, facts.FilterWords(1000))
	for v := range int64(1000) {
		integers.Add(facts.HashInt(v))
		texts.Add(facts.HashText(fmt.Appendf(nil, "a text that does not fit %d", v)))
	}
	blob := func(f facts.Filter) string { return "from_hex('" + hex.EncodeToString(f.Bytes()) + "')" }
	for name, tt := range map[string]struct{ function, value, filter string }{
		"integers": {mayBeInteger, "v", blob(integers)},
		"texts":    {mayBeText, "'a text that does not fit ' || v", blob(texts)},
	} {
		t.Run(name, func(t *testing.T) {
			call := fmt.Sprintf("%s(%s, %s)", tt.function, tt.value, tt.filter)
			rows := "(SELECT CASE WHEN range % 10 <> 7 THEN range END AS v FROM range(100000)) t"
			const what = "concat(count(*) FILTER (WHERE v < 1000), ' ', count(*) FILTER (WHERE v >= 1000) < 5000, ' ', count(*) FILTER (WHERE v IS NULL))"
			if got := text(t, i, "SELECT "+what+" FROM "+rows+" WHERE "+call); got != "900 true 0\n" {
				t.Error(got)
			}
			if got := text(t, i, "SELECT concat("+call+") FROM (SELECT 5 AS v) t"); got != "true\n" {
				t.Error(got)
			}
		})
	}
	for _, wrong := range []string{"from_hex('')", "from_hex('000102')", "NULL::BLOB"} {
		if err := i.Exec(t.Context(), "SELECT "+mayBeInteger+"(range, "+wrong+") FROM range(10)"); err == nil && wrong != "NULL::BLOB" {
			t.Errorf("%s is taken for a filter", wrong)
		}
	}
}
