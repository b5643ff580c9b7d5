package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// Server is what a process is and how it is reached: the part of config.properties that is not about queries.
type Server struct {
	Coordinator        bool
	IncludeCoordinator bool
	HTTPPort           int
	ProcessForwarded   bool
	DiscoveryURI       string // of the coordinators, comma-separated; empty on a coordinator: itself
	SharedSecret       string // proves membership between nodes; empty: anybody may join
	ClusterSecret      string // wraps keys in the journal; empty: SharedSecret does
	PprofAddress       string // where profiles are served; empty: nowhere
}

// DiscoveryURIs are the URIs of the coordinators.
func (s *Server) DiscoveryURIs() []string { return splitList(s.DiscoveryURI) }

func checkIP(text string) error {
	_, err := netip.ParseAddr(text)
	return err
}

func checkHostPort(text string) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" {
		return fmt.Errorf("it is not a host and a port, such as 127.0.0.1:6060")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("the port is not a number from 0 to 65535")
	}
	return nil
}

func checkHTTPURI(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("it is not an http or https URI")
	}
	return nil
}

func checkHTTPURIs(text string) error {
	for _, uri := range splitList(text) {
		if err := checkHTTPURI(uri); err != nil {
			return err
		}
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
			Value: Text(func(c *Server) *string { return &c.DiscoveryURI }, "a URI such as http://coordinator:8080, or several, comma-separated", checkHTTPURIs),
			Doc: "Where workers find the coordinator. Workers must have it. Of several coordinators, one leads and the others stand by: " +
				"workers try them in turn."},
		{Name: "internal-communication.shared-secret", Secret: true, UsedBy: "rpc",
			Value: Text(func(c *Server) *string { return &c.SharedSecret }, "a text that is not empty", notEmpty),
			Doc:   "Secret with which nodes prove that they belong to the cluster; the same on all of them."},
		{Name: "waterbear.cluster-secret", Secret: true, DefaultDoc: "`internal-communication.shared-secret`", UsedBy: "cmd/waterbear",
			Value: Text(func(c *Server) *string { return &c.ClusterSecret }, "a text that is not empty", notEmpty),
			Doc: "Secret under which the keys of queries are wrapped in the journal; the same on all coordinators. Without any secret, " +
				"the journal stays in `node.data-dir`, with a secret of the node's own."},
		{Name: "waterbear.pprof-address", DefaultDoc: "nowhere", UsedBy: "cmd/waterbear",
			Value: Text(func(c *Server) *string { return &c.PprofAddress }, "a host and a port", checkHostPort),
			Doc: "Where the node serves profiles of itself, for `go tool pprof http://ADDRESS/debug/pprof/profile`; port 0 takes any free one, and the log says which. " +
				"They show memory and command line to whoever reaches the address: 127.0.0.1 is best. Slots, which are processes of their own, have none."},
	},
	Check: func(c *Server) error {
		if !c.Coordinator && c.DiscoveryURI == "" {
			return &PropertyError{"discovery.uri", "a worker must have it: the URI of the coordinator"}
		}
		return nil
	},
}
