//go:build invariants

package scheduler

// invariants says that Step verifies the state after each event.
const invariants = true
