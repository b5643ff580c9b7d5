package localcluster

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// kept is the coordinator below its keeper; the zero value when it is away.
func (c *Cluster) kept() descendant {
	for _, d := range children(c.coordinator.pid()) {
		return d // a keeper has one child at most
	}
	return descendant{}
}

// StrikeCoordinator sends a signal to the coordinator that a keeper keeps, and returns when it is gone.
func (c *Cluster) StrikeCoordinator(sig syscall.Signal, within time.Duration) error {
	d := c.kept()
	if d.pid == 0 {
		return errors.New("the coordinator is away")
	}
	if err := syscall.Kill(d.pid, sig); err != nil {
		return fmt.Errorf("send %s to the coordinator: %w", sig, err)
	}
	d.awaitEnd(within)
	if s, ok := readStat(d.pid); ok && s.start == d.start && s.state != "Z" {
		return fmt.Errorf("the coordinator did not end within %s of %s", within, sig)
	}
	return nil
}
