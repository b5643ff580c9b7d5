// Package resourcegroups decides which queries run and which wait, by resource groups as Trino configures them: a tree of groups
// with limits, and selectors that say which query belongs to which group.
//
// It is a state machine without clocks, goroutines and randomness of its own: queries come, end and use things (Tree's methods),
// and each of these events returns the queries that may start. Parse reads the configuration, Spec.Select applies the selectors,
// Tree holds the groups; policy.go has the order in which waiting queries start.
package resourcegroups
