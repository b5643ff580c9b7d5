package retry

// RuleOf is ruleOf for tests.
func RuleOf(err error) *Rule { return ruleOf(err) }
