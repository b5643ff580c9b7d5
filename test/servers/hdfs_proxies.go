package servers

import (
	"strings"
	"testing"
)

// HDFSProxies lie between clients and the nodes of a cluster.
type HDFSProxies struct {
	// Names are those of name nodes, Data those of data nodes.
	Names, Data []*TCPProxy
	// Resources is a file of Hadoop's configuration with which clients go through them.
	Resources string
}

// Behind puts proxies in front of a cluster. Those of data nodes are at the port of their node, at the host that the cluster gives
// out as its name; there can be one for each at a time.
func (h *HDFS) Behind(t testing.TB, seed uint64) *HDFSProxies {
	t.Helper()
	p := &HDFSProxies{}
	var nodes []string
	for _, node := range h.NameNodes {
		proxy := NewTCPProxy(t, node, seed)
		p.Names, nodes = append(p.Names, proxy), append(nodes, proxy.Address)
	}
	for _, node := range strings.Fields(h.Tell(t, "datanodes")) {
		p.Data = append(p.Data, newTCPProxyAt(t, strings.Replace(node, "127.0.0.1:", hdfsDataHost+":", 1), node, seed))
	}
	p.Resources = h.WriteResources(t, nodes, map[string]string{"dfs.client.use.datanode.hostname": "true"})
	return p
}

// hdfsDataHost is the name that data nodes give out as theirs.
const hdfsDataHost = "127.0.0.2"

// All are the proxies.
func (p *HDFSProxies) All() []*TCPProxy {
	return append(append([]*TCPProxy(nil), p.Names...), p.Data...)
}
