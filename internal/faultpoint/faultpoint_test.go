package faultpoint

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// arm makes a rule, of some age, with a permission to strike.
func arm(t *testing.T, dir, rule string, age time.Duration) {
	t.Helper()
	file := filepath.Join(dir, "f"+RuleFile)
	for name, text := range map[string]string{file: rule, filepath.Join(dir, "f.1"+TokenFile): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := time.Now().Add(-age)
	if err := os.Chtimes(file, made, made); err != nil {
		t.Fatal(err)
	}
}

// failure-injection.expiration-period: a rule that is older strikes no more.
func TestRulesExpire(t *testing.T) {
	const rule = `{"point": "before-run", "effect": "fail", "code": "GENERIC_INTERNAL_ERROR"}`
	for _, test := range []struct {
		age, lifetime time.Duration
		strikes       bool
	}{
		{0, time.Minute, true}, {2 * time.Minute, time.Minute, false}, {2 * time.Minute, time.Hour, true}, {2 * time.Minute, 0, true},
	} {
		dir := t.TempDir()
		arm(t, dir, rule, test.age)
		if err := Open(dir).Limit(test.lifetime, 0).Reach(t.Context(), BeforeRun, "q.0.0.0"); (err != nil) != test.strikes {
			t.Errorf("a rule %s old with %s to live: %v", test.age, test.lifetime, err)
		}
	}
}

// failure-injection.request-timeout: who is held goes on after it, though nobody has released him.
func TestHoldEnds(t *testing.T) {
	for _, effect := range []string{"hold", "deaf"} {
		dir := t.TempDir()
		arm(t, dir, `{"point": "call-start", "effect": "`+effect+`"}`, 0)
		begun := time.Now()
		if err := Open(dir).Limit(0, 50*time.Millisecond).Reach(t.Context(), CallStart, "q.0.0.0"); err != nil {
			t.Errorf("%s: %v", effect, err)
		}
		if took := time.Since(begun); took < 50*time.Millisecond {
			t.Errorf("%s: held for %s", effect, took)
		}
	}
}
