package config

import (
	"fmt"
	"regexp"
)

// Node is the identity of a process: node.properties.
type Node struct {
	Environment     string
	ID              string // empty: the process makes one and keeps it in DataDir
	DataDir         string
	BindIP          string // empty: all addresses
	InternalAddress string // where other nodes reach this one
	ExternalAddress string // where clients reach it; empty: InternalAddress
}

var (
	environmentPattern = regexp.MustCompile(`^[a-z0-9][_a-z0-9]*$`)
	nodeIDPattern      = regexp.MustCompile(`^[A-Za-z0-9][_A-Za-z0-9-]*$`)
)

// matches returns a check of text against a pattern.
func matches(pattern *regexp.Regexp) func(string) error {
	return func(text string) error {
		if !pattern.MatchString(text) {
			return fmt.Errorf("it does not match %s", pattern)
		}
		return nil
	}
}

func notEmpty(text string) error {
	if text == "" {
		return fmt.Errorf("it is empty")
	}
	return nil
}

// NodeTable lists the properties of node.properties.
var NodeTable = Table[Node]{
	Title: "node.properties",
	Properties: []Property[Node]{
		{Name: "node.environment", Required: true, UsedBy: "coordinator, worker",
			Value: Text(func(c *Node) *string { return &c.Environment }, "a lower-case word such as production",
				matches(environmentPattern)),
			Doc: "Name of the cluster. Nodes with different names do not work together."},
		{Name: "node.id", DefaultDoc: "made at the first start and kept in `node.data-dir`", UsedBy: "cmd/waterbear",
			Value: Text(func(c *Node) *string { return &c.ID }, "letters, digits, - and _", matches(nodeIDPattern)),
			Doc:   "Identity of the node, unique in the cluster and the same after a restart."},
		{Name: "node.data-dir", Default: "data", UsedBy: "cmd/waterbear",
			Value: Text(func(c *Node) *string { return &c.DataDir }, "a directory", notEmpty),
			Doc: "Directory for everything that the node keeps: identity, scratch files, bundles, journal. A relative path " +
				"starts at the parent of the configuration directory."},
		{Name: "node.bind-ip", DefaultDoc: "all addresses", UsedBy: "cmd/waterbear",
			Value: Text(func(c *Node) *string { return &c.BindIP }, "an IP address", checkIP),
			Doc:   "Address on which the node listens."},
		{Name: "node.internal-address", DefaultFrom: func(h Host) string { return h.Name }, DefaultDoc: "the host name",
			UsedBy: "cmd/waterbear",
			Value:  Text(func(c *Node) *string { return &c.InternalAddress }, "a host name or IP address", notEmpty),
			Doc:    "Address at which other nodes reach this one."},
		{Name: "node.external-address", DefaultDoc: "`node.internal-address`", UsedBy: "protocol",
			Value: Text(func(c *Node) *string { return &c.ExternalAddress }, "a host name or IP address", notEmpty),
			Doc:   "Address at which clients reach this node."},
	},
}
