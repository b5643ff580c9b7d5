package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"time"
)

// Server is what a process is and how it is reached: the part of config.properties that is not about queries.
type Server struct {
	Coordinator        bool
	IncludeCoordinator bool
	HTTPPort           int
	ProcessForwarded   bool
	DiscoveryURI       string // empty on a coordinator: itself
	SharedSecret       string // proves membership between nodes; empty: anybody may join
}

func checkIP(text string) error {
	_, err := netip.ParseAddr(text)
	return err
}

func checkHTTPURI(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("it is not an http or https URI")
	}
	return nil
}

// ServerTable lists the properties of Server.
var ServerTable = Table[Server]{
	Title: "Server",
	Properties: []Property[Server]{
		{Name: "coordinator", Default: "true", UsedBy: "cmd/waterbear",
			Value: Bool(func(c *Server) *bool { return &c.Coordinator }),
			Doc:   "Whether this node is the coordinator, which takes the queries of clients, or a worker."},
		{Name: "node-scheduler.include-coordinator", Default: "true", UsedBy: "cmd/waterbear",
			Value: Bool(func(c *Server) *bool { return &c.IncludeCoordinator }),
			Doc:   "Whether the coordinator runs tasks as well."},
		{Name: "http-server.http.port", Default: "8080", UsedBy: "cmd/waterbear",
			Value: Int(func(c *Server) *int { return &c.HTTPPort }, 0, 65535),
			Doc:   "Port for clients and for other nodes; 0 takes any free one."},
		{Name: "http-server.process-forwarded", Default: "false", UsedBy: "protocol",
			Value: Bool(func(c *Server) *bool { return &c.ProcessForwarded }),
			Doc:   "Whether X-Forwarded-* headers of a proxy are used; without it, requests that have them are refused."},
		{Name: "discovery.uri", DefaultDoc: "on the coordinator, itself", UsedBy: "worker",
			Value: Text(func(c *Server) *string { return &c.DiscoveryURI }, "a URI such as http://coordinator:8080", checkHTTPURI),
			Doc:   "Where workers find the coordinator. Workers must have it."},
		{Name: "internal-communication.shared-secret", Secret: true, UsedBy: "rpc",
			Value: Text(func(c *Server) *string { return &c.SharedSecret }, "a text that is not empty", notEmpty),
			Doc:   "Secret with which nodes prove that they belong to the cluster; the same on all of them."},
	},
	Check: func(c *Server) error {
		if !c.Coordinator && c.DiscoveryURI == "" {
			return &PropertyError{"discovery.uri", "a worker must have it: the URI of the coordinator"}
		}
		return nil
	},
}

// Query is how the coordinator treats queries, beyond what sessions can change.
type Query struct {
	ClientTimeout time.Duration // a query whose client was not heard of for so long is abandoned
	MaxHistory    int           // ended queries that are remembered
	MinExpireAge  time.Duration // for at least so long
	MaxLength     int           // of the statement, in characters
}

// QueryTable lists the properties of Query.
var QueryTable = Table[Query]{
	Title: "Queries",
	Properties: []Property[Query]{
		{Name: "query.client.timeout", Default: "5m", UsedBy: "protocol",
			Value: Duration(func(c *Query) *time.Duration { return &c.ClientTimeout }, time.Second),
			Doc:   "A query whose client was not heard of for so long is abandoned and cleaned up."},
		{Name: "query.max-history", Default: "100", UsedBy: "coordinator",
			Value: Int(func(c *Query) *int { return &c.MaxHistory }, 0, NoMax),
			Doc:   "How many ended queries are remembered."},
		{Name: "query.min-expire-age", Default: "15m", UsedBy: "coordinator",
			Value: Duration(func(c *Query) *time.Duration { return &c.MinExpireAge }, 0),
			Doc:   "How long an ended query is remembered at least."},
		{Name: "query.max-length", Default: "1000000", UsedBy: "coordinator",
			Value: Int(func(c *Query) *int { return &c.MaxLength }, 0, 1_000_000_000),
			Doc:   "Longest statement, in characters; a longer one fails with QUERY_TEXT_TOO_LARGE."},
	},
}
