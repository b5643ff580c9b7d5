package functions

import "testing"

func TestLambdaApply(t *testing.T) {
	for _, c := range []struct {
		lambda string
		args   []string
		want   string
	}{
		{`lambda "λx": ("λx" + 1)`, []string{"a[1]"}, "(a[1] + 1)"},
		{`lambda "λk", "λv": concat("λk", '"λk" it''s', "λv", "other")`, []string{"m.key", "m.value"}, `concat(m.key, '"λk" it''s', m.value, "other")`},
		{`lambda "λx": 'open'`, []string{"a"}, "'open'"},
	} {
		if got := lambdaOf(Operand{SQL: c.lambda}).apply(c.args...); got != c.want {
			t.Errorf("%s: got %s, want %s", c.lambda, got, c.want)
		}
	}
}
