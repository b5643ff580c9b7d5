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
	ExchangeMaxError      time.Duration // how long a request to a store of outputs is repeated
	ExchangeReadTimeout   time.Duration // how long a read may bring nothing before it is begun again
	ExchangeWriteTimeout  time.Duration // how long a piece may take to be written
	ExchangeConcurrent    int           // requests to a store at a time, of a process
	ExchangeHedge         bool          // whether slow reads are begun a second time
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
		{Name: "exchange.max-error-duration", Default: "1m", UsedBy: "exchange/store/retry",
			Value: Duration(func(c *Communication) *time.Duration { return &c.ExchangeMaxError }, time.Millisecond),
			Doc: "How long a request to the exchange storage, or for an output on another worker's disk, is repeated without getting on, before " +
				"it fails with PAGE_TRANSPORT_TIMEOUT. It is made three times at least. A read goes on where it broke off."},
		{Name: "waterbear.exchange-read-timeout", Default: "10s", UsedBy: "exchange/store/retry",
			Value: Duration(func(c *Communication) *time.Duration { return &c.ExchangeReadTimeout }, 10*time.Millisecond),
			Doc:   "A read of an output that brings nothing for so long is abandoned and goes on with another request."},
		{Name: "waterbear.exchange-write-timeout", Default: "30s", UsedBy: "exchange/store/retry",
			Value: Duration(func(c *Communication) *time.Duration { return &c.ExchangeWriteTimeout }, 10*time.Millisecond),
			Doc:   "A piece of an output of up to 5MB that cannot be written in so long is abandoned; an object that is no larger is then written again."},
		{Name: "waterbear.exchange-concurrent-requests", Default: "64", UsedBy: "exchange/store/retry",
			Value: Int(func(c *Communication) *int { return &c.ExchangeConcurrent }, 1, NoMax),
			Doc:   "How many requests a process makes to one base directory, or to one other worker, at a time. A node has a process per slot."},
		{Name: "waterbear.exchange-hedged-reads", Default: "true", UsedBy: "exchange/store/retry",
			Value: Bool(func(c *Communication) *bool { return &c.ExchangeHedge }),
			Doc: "Whether a read that is much slower to begin than others is begun a second time, and the first answer used. At most one read in " +
				"25 is."},
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
