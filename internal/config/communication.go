package config

import (
	"fmt"
	"time"
)

// Communication is how coordinator and workers notice that they have lost each other.
type Communication struct {
	HeartbeatInterval     time.Duration // of a worker
	NodeLossTimeout       time.Duration // a worker that was silent for so long is lost
	RemoteTaskMaxError    time.Duration // how long a task's start is tried
	ExchangeMaxError      time.Duration // how long an output on a worker's disk is asked for
	FailureInjectionDelay time.Duration // how long an injected time-out takes
	FailureInjectionTTL   time.Duration // how long after it was asked for a failure is injected
}

// CommunicationTable lists the properties of Communication.
var CommunicationTable = Table[Communication]{
	Title: "Communication between nodes",
	Properties: []Property[Communication]{
		{Name: "failure-detector.heartbeat-interval", Default: "500ms", UsedBy: "worker",
			Value: Duration(func(c *Communication) *time.Duration { return &c.HeartbeatInterval }, 10*time.Millisecond),
			Doc:   "How often a worker that has nothing else to say shows the coordinator that it is alive."},
		{Name: "waterbear.node-loss-timeout", Default: "3s", UsedBy: "coordinator",
			Value: Duration(func(c *Communication) *time.Duration { return &c.NodeLossTimeout }, 20*time.Millisecond),
			Doc: "A worker that was silent for so long is lost, and its tasks run elsewhere. One whose connection closes is lost at once. " +
				"At least twice the interval of heartbeats."},
		{Name: "query.remote-task.max-error-duration", Default: "1m", UsedBy: "coordinator",
			Value: Duration(func(c *Communication) *time.Duration { return &c.RemoteTaskMaxError }, time.Second),
			Doc:   "How long the coordinator tries to reach a worker that is not lost about a task, before the task fails with TOO_MANY_REQUESTS_FAILED."},
		{Name: "exchange.max-error-duration", Default: "1m", UsedBy: "exchange",
			Value: Duration(func(c *Communication) *time.Duration { return &c.ExchangeMaxError }, time.Millisecond),
			Doc:   "How long a task tries to read an output on another worker's disk that cannot be reached, before it fails."},
		{Name: "failure-injection.request-timeout", Default: "2m", UsedBy: "faultpoint",
			Value: Duration(func(c *Communication) *time.Duration { return &c.FailureInjectionDelay }, time.Millisecond),
			Doc:   "For tests: how long an injected time-out of a request takes."},
		{Name: "failure-injection.expiration-period", Default: "10m", UsedBy: "faultpoint",
			Value: Duration(func(c *Communication) *time.Duration { return &c.FailureInjectionTTL }, time.Millisecond),
			Doc:   "For tests: how long after it was asked for a failure is injected."},
	},
	Unsupported: []Defunct{
		{"failure-detector.enabled", "workers are always watched"},
		{"failure-detector.threshold", "what counts is how long a worker is silent: use 'waterbear.node-loss-timeout'"},
		{"failure-detector.warmup-interval", "a worker takes part as soon as it has registered"},
		{"failure-detector.expiration-grace-interval", "a worker that was lost takes part again as soon as it registers"},
		{"query.remote-task.max-callback-threads", "there are no such threads"},
		{"query.remote-task.min-error-duration", "use 'query.remote-task.max-error-duration'"},
	},
	Check: func(c *Communication) error {
		if c.NodeLossTimeout < 2*c.HeartbeatInterval {
			return &PropertyError{"waterbear.node-loss-timeout", fmt.Sprintf("%s is less than twice 'failure-detector.heartbeat-interval', %s",
				FormatDuration(c.NodeLossTimeout), FormatDuration(c.HeartbeatInterval))}
		}
		return nil
	},
}
