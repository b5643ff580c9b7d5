package localcluster

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// CoordinatorID is the node id of the coordinator.
const CoordinatorID = "coordinator"

const (
	// pollInterval is how often a node that starts is asked whether it is there.
	pollInterval = 10 * time.Millisecond

	// closeGrace is how long the coordinator may take to end its queries and clean up after them.
	closeGrace = 3 * time.Second

	// portAttempts is how often another port is tried when a free one was taken in the meantime.
	portAttempts = 3
)

// Cluster is a running cluster. Its methods may be called by several goroutines. Each process has a goroutine that waits
// for its end; Close ends them all.
type Cluster struct {
	cfg         Config
	layout      layout
	lock        *os.File
	secret      string
	port        int
	coordinator *process
	standbyPort int // 0 without a standby
	standby     *process

	mu      sync.Mutex
	workers []*process // by index; ended ones stay
	closed  bool
}

// Start starts a cluster and returns when its coordinator answers and all its workers have joined. When that fails, or ctx
// ends before, nothing is left running.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if cfg.Port != 0 {
		if err := checkPort(cfg.Port); err != nil {
			return nil, err
		}
	}
	c := &Cluster{cfg: cfg, layout: layout{cfg.DataDir}, secret: rand.Text()}
	if c.lock, err = c.layout.prepare(); err != nil {
		return nil, err
	}
	for range portAttempts {
		err = c.start(ctx)
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// errPortTaken says that somebody else took the port between its choice and the coordinator's start.
var errPortTaken = errors.New("port is in use")

// start starts all processes at once, for the fastest start, and waits for them.
func (c *Cluster) start(ctx context.Context) error {
	var err error
	if c.port = c.cfg.Port; c.port == 0 {
		if c.port, err = freePort(); err != nil {
			return err
		}
	}
	if c.coordinator, err = c.startNode(CoordinatorID, c.port); err != nil {
		return err
	}
	if c.cfg.Standby {
		if err := c.startStandby(ctx); err != nil {
			return err
		}
	}
	var nodes []string
	for range c.cfg.Workers {
		p, _, err := c.startWorker()
		if err != nil {
			return err
		}
		nodes = append(nodes, p.node)
	}
	err = c.awaitNodes(ctx, nodes...)
	if err != nil && c.cfg.Port == 0 && strings.Contains(c.coordinator.lastLines(), syscall.EADDRINUSE.Error()) {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, p := range c.workers {
			p.kill()
		}
		c.workers = nil
		return fmt.Errorf("%w: %w", errPortTaken, err)
	}
	return err
}

// startNode writes a node's configuration and starts it.
func (c *Cluster) startNode(node string, port int) (*process, error) {
	if err := c.layout.writeEtc(node, c.cfg.nodeFiles(c.layout, node, c.discovery(), c.secret, port)); err != nil {
		return nil, fmt.Errorf("write configuration of %s: %w", node, err)
	}
	command := "server"
	if c.cfg.Keep && node == CoordinatorID {
		command = "keep"
	}
	return startProcess(c.cfg.Binary, command, node, c.layout.etc(node), c.layout.log(node), c.cfg.Env, c.ended)
}

// ended passes on that a process has ended unasked.
func (c *Cluster) ended(p *process) {
	if c.cfg.Ended != nil {
		c.cfg.Ended(Exit{Node: p.node, How: p.how(), Log: p.log, EtcDir: p.etc})
	}
}

func (c *Cluster) startWorker() (p *process, index int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, 0, errors.New("the cluster is closed")
	}
	index = len(c.workers)
	p, err = c.startNode(WorkerID(index), 0)
	if err == nil {
		c.workers = append(c.workers, p)
	}
	return p, index, err
}

// WorkerID is the node id of the worker with an index, which counts from 0.
func WorkerID(index int) string { return fmt.Sprintf("worker-%d", index+1) }

// URL is the coordinator's.
func (c *Cluster) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", c.port) }

// LogDir is the directory of the nodes' logs.
func (c *Cluster) LogDir() string { return c.layout.logs() }

// SpoolDir is the directory of the exchange.
func (c *Cluster) SpoolDir() string { return c.layout.spool() }

// ScratchDir is the directory in which the coordinator keeps what outgrows its memory.
func (c *Cluster) ScratchDir() string { return c.layout.scratch() }

// CoordinatorPID is the coordinator's process; 0 when its keeper has not started it again yet.
func (c *Cluster) CoordinatorPID() int {
	if c.cfg.Keep {
		return c.kept().pid
	}
	return c.coordinator.pid()
}

// WorkerPIDs are the workers' processes by index; 0 stands for one that has ended.
func (c *Cluster) WorkerPIDs() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]int, len(c.workers))
	for i, p := range c.workers {
		if p.alive() {
			out[i] = p.pid()
		}
	}
	return out
}

// SlotPIDs are the slot processes of a worker.
func (c *Cluster) SlotPIDs(worker int) []int {
	p := c.worker(worker)
	var out []int
	for _, d := range children(p.pid()) {
		out = append(out, d.pid)
	}
	return out
}

// worker returns the worker with an index; there must be one.
func (c *Cluster) worker(index int) *process {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.workers[index]
}

// KillWorker kills a worker with SIGKILL and returns when it and its slots are gone.
func (c *Cluster) KillWorker(index int) { c.worker(index).kill() }

// RestartWorker starts a worker in the place of one that was killed, on its disk, and returns when it has joined.
func (c *Cluster) RestartWorker(ctx context.Context, index int) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return errors.New("the cluster is closed")
	}
	p, err := c.startNode(WorkerID(index), 0)
	if err == nil {
		c.workers[index] = p
	}
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return c.awaitNodes(ctx, p.node)
}

// KillCoordinator kills the coordinator, and its keeper, with SIGKILL; StartCoordinator starts another one on the same address.
func (c *Cluster) KillCoordinator() { c.coordinator.kill() }

// StartCoordinator starts a coordinator in the place of one that was killed. It returns before it serves.
func (c *Cluster) StartCoordinator() (err error) {
	c.coordinator, err = c.startNode(CoordinatorID, c.port)
	return err
}

// PauseWorker freezes a worker and its slots, as a machine does that hangs.
func (c *Cluster) PauseWorker(index int) error { return c.worker(index).signalAll(syscall.SIGSTOP) }

// ResumeWorker undoes PauseWorker.
func (c *Cluster) ResumeWorker(index int) error { return c.worker(index).signalAll(syscall.SIGCONT) }

// StopWorker ends a worker gracefully: it finishes the tasks it has. When it does not end in time it is killed, which is an
// error.
func (c *Cluster) StopWorker(index int, within time.Duration) error {
	p := c.worker(index)
	if !p.terminate(syscall.SIGTERM, within) {
		p.kill()
		return fmt.Errorf("%s did not end within %s of SIGTERM", p.node, within)
	}
	return nil
}

// AddWorker starts another worker and returns its index when it has joined.
func (c *Cluster) AddWorker(ctx context.Context) (index int, err error) {
	p, index, err := c.startWorker()
	if err != nil {
		return 0, err
	}
	return index, c.awaitNodes(ctx, p.node)
}

// awaitNodes waits until the coordinator answers and knows the nodes.
func (c *Cluster) awaitNodes(ctx context.Context, ids ...string) error {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		known, err := c.nodes(ctx)
		if err == nil && containsAll(known, ids) {
			return nil
		}
		if err := c.failure(ids); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the cluster to start: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// failure reports a process, among those that are waited for, that has ended.
func (c *Cluster) failure(ids []string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range append([]*process{c.coordinator}, c.workers...) {
		if p.alive() || p != c.coordinator && !containsAll(ids, []string{p.node}) {
			continue
		}
		return fmt.Errorf("%s has ended: %s\n%s", p.node, p.how(), p.lastLines())
	}
	return nil
}

func containsAll(have, want []string) bool {
	set := map[string]bool{}
	for _, h := range have {
		set[h] = true
	}
	for _, w := range want {
		if !set[w] {
			return false
		}
	}
	return true
}

// nodes asks the coordinator for the active nodes' ids.
func (c *Cluster) nodes(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL()+"/v1/node", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Trino-User", "localcluster")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/v1/node answered %s", res.Status)
	}
	var nodes []struct {
		ID    string `json:"nodeId"`
		State string `json:"state"`
	}
	if err := json.NewDecoder(res.Body).Decode(&nodes); err != nil {
		return nil, err
	}
	var out []string
	for _, n := range nodes {
		if n.State == "ACTIVE" {
			out = append(out, n.ID)
		}
	}
	return out, nil
}

// Close ends all processes and removes all that is temporary. The coordinator gets a moment to end its queries; workers
// are killed.
func (c *Cluster) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.standby != nil { // first: it would take over
		c.standby.kill()
	}
	if c.coordinator != nil && !c.coordinator.terminate(syscall.SIGINT, closeGrace) {
		c.coordinator.kill()
	}
	for _, p := range c.workers {
		p.asked.Store(true)
	}
	for _, p := range c.workers {
		p.kill()
	}
	err := c.layout.remove()
	return errors.Join(err, c.lock.Close())
}
