// Package arch holds the rules of the house that no linter knows, as ordinary tests: who may import whom, what must not be
// linked, what pure packages must not do, what has to be documented.
//
// Each rule is a table with the reason beside it, and so is each exemption. An exemption that is no longer needed fails the
// test, so that the lists only shrink. Start with layers_test.go; house_test.go loads what the rules look at.
package arch
