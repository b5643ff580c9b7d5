package main

import "github.com/waterbear-sql/waterbear/internal/metrics"

// addMetrics makes the registry of the process and serves it, where Trino does.
func (n *node) addMetrics() {
	var roles []metrics.Role
	if n.cfg.Server.Coordinator {
		roles = append(roles, metrics.Coordinator)
	}
	if !n.cfg.Server.Coordinator || n.cfg.Server.IncludeCoordinator {
		roles = append(roles, metrics.Worker)
	}
	n.metrics = metrics.New(roles...)
	n.metrics.Read(n.gauges)
	n.mux.Handle("GET /metrics", n.metrics.Handler())
}

// gauges tells what the node is.
func (n *node) gauges(set metrics.Set) {
	set(metrics.Info, 1, version, n.cfg.Node.Environment, n.cfg.Node.ID)
	if !n.cfg.Server.Coordinator {
		return
	}
	leading := 0.0
	select {
	case <-n.speaks:
		leading = 1
	default:
	}
	set(metrics.Leading, leading)
}
