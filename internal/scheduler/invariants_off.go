//go:build !invariants

package scheduler

// invariants says that Step verifies the state after each event, in builds with the tag invariants.
const invariants = false
