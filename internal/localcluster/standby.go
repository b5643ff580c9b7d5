package localcluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"
)

// StandbyID is the node id of the second coordinator.
const StandbyID = "coordinator-2"

// startStandby starts the second coordinator when the first one leads.
func (c *Cluster) startStandby(ctx context.Context) (err error) {
	if c.standbyPort == 0 {
		if c.standbyPort, err = freePort(); err != nil {
			return err
		}
	}
	if err := c.awaitNodes(ctx); err != nil {
		return err
	}
	c.standby, err = c.startNode(StandbyID, c.standbyPort)
	return err
}

// StandbyURL is the second coordinator's.
func (c *Cluster) StandbyURL() string { return fmt.Sprintf("http://127.0.0.1:%d", c.standbyPort) }

// discovery is where workers look for a coordinator.
func (c *Cluster) discovery() string {
	if c.cfg.Standby {
		return c.URL() + "," + c.StandbyURL()
	}
	return c.URL()
}

// AwaitStandby waits until the second coordinator leads.
func (c *Cluster) AwaitStandby(ctx context.Context) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.StandbyURL()+"/v1/leader", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if !c.standby.alive() {
			return fmt.Errorf("%s has ended: %s\n%s", StandbyID, c.standby.how(), c.standby.lastLines())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the second coordinator to lead: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// PauseCoordinator freezes the coordinator, as a machine does that hangs; ResumeCoordinator undoes that.
func (c *Cluster) PauseCoordinator() error {
	c.coordinator.asked.Store(true) // it may end when it finds out
	return c.coordinator.signalAll(syscall.SIGSTOP)
}

// ResumeCoordinator undoes PauseCoordinator.
func (c *Cluster) ResumeCoordinator() error { return c.coordinator.signalAll(syscall.SIGCONT) }

// AwaitCoordinatorEnd waits until the coordinator's process has ended by itself, and tells how.
func (c *Cluster) AwaitCoordinatorEnd(ctx context.Context) (how string, err error) {
	select {
	case <-c.coordinator.exited:
		return c.coordinator.how(), nil
	case <-ctx.Done():
		return "", errors.New("the coordinator goes on")
	}
}

// StopCoordinator ends the coordinator with SIGTERM. StartCoordinator starts another one in its place.
func (c *Cluster) StopCoordinator(within time.Duration) error {
	if !c.coordinator.terminate(syscall.SIGTERM, within) {
		c.coordinator.kill()
		return fmt.Errorf("the coordinator did not end within %s of SIGTERM", within)
	}
	return nil
}
