package localcluster

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// Config describes a cluster. The zero value of each field but DataDir has a meaning.
type Config struct {
	// Binary is the program that nodes run; empty: the running one.
	Binary string
	// DataDir is the directory of the cluster; it is created when it is missing. One cluster at a time uses it. What has to
	// outlive the cluster, tables and logs, stays there after Close; all the rest is removed.
	DataDir string
	// Workers is how many workers start with the cluster. With none the coordinator still answers, and queries wait.
	Workers int
	// Standby adds a second coordinator, which shares the first one's journal and takes over from it.
	Standby bool
	// Keep runs the coordinator under a keeper, which starts it again on the same sockets when it dies.
	Keep bool
	// RetryPolicy is NONE, QUERY or TASK; empty: TASK.
	RetryPolicy string
	// NoExchange leaves the exchange manager out: outputs of stages stay on the workers that make them.
	NoExchange bool
	// Exchange are the properties of exchange-manager.properties; nil: a directory of the cluster's.
	Exchange map[string]string
	// MoreSpools are directories of the exchange beside the one that belongs to the cluster.
	MoreSpools []string
	// Port is the coordinator's; 0: any free one.
	Port int
	// MemoryBytes is each worker's memory for tasks; 0: half of the machine's, divided by the workers.
	MemoryBytes int64
	// Slots is how many tasks each worker runs at a time; 0: 2.
	Slots int
	// Threads is how many threads run a task; 0: the machine's cores, at most 4. Workers share the cores of one machine, and
	// what makes a single task fast is to have them all while the others are idle.
	Threads int
	// Properties are added to every node's config.properties and override what this package writes.
	Properties map[string]string
	// Catalogs are catalog files by name of the catalog, each with its properties; nil: DefaultCatalogs.
	Catalogs map[string]map[string]string
	// Env is added to the environment of the nodes, each as name=value.
	Env []string
	// Ended, when set, is told of a process that ended without having been asked to. It is called from a goroutine of its own
	// and must not call Close.
	Ended func(Exit)
}

// Exit is how a process ended.
type Exit struct {
	// Node is the node's id: "coordinator" or "worker-1".
	Node string
	// How is the process's end in words: "signal: killed".
	How string
	// Log is the node's log file and EtcDir its configuration, with which the node can be started again.
	Log, EtcDir string
}

// withDefaults fills in what is left to this package.
func (c Config) withDefaults() (Config, error) {
	host := config.LocalHost()
	if c.Binary == "" {
		exe, err := os.Executable()
		if err != nil {
			return c, err
		}
		c.Binary = exe
	}
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return c, err
	}
	c.DataDir = dir
	if c.RetryPolicy == "" {
		c.RetryPolicy = "TASK"
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = max(host.MemoryBytes/2/int64(max(c.Workers, 1)), 256<<20)
	}
	if c.Slots == 0 {
		c.Slots = 2
	}
	if c.Threads == 0 {
		c.Threads = min(runtime.NumCPU(), 4)
	}
	if c.Catalogs == nil {
		c.Catalogs = DefaultCatalogs(c.DataDir)
	}
	return c, nil
}

// DefaultCatalogs are the catalogs that a cluster has when it is given none: generated data, tables in memory, and tables
// of files below the data directory. The catalog system needs no file.
func DefaultCatalogs(dataDir string) map[string]map[string]string {
	return map[string]map[string]string{
		"tpch":   {"connector.name": "tpch"},
		"tpcds":  {"connector.name": "tpcds"},
		"memory": {"connector.name": "memory"},
		"hive": {
			"connector.name":             "hive",
			"hive.metastore":             "file",
			"hive.metastore.catalog.dir": "local:///",
			"fs.native-local.enabled":    "true",
			"local.location":             HiveDir(dataDir),
		},
	}
}

// HiveDir is the directory of catalog hive: it has a directory for each schema, and that one for each table.
func HiveDir(dataDir string) string { return layout{dataDir}.hive() }

// freePort returns a port of 127.0.0.1 that nobody listens on right now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// checkPort reports, in words for the person who chose the port, whether it can be listened on.
func checkPort(port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("port %d cannot be used: %w; choose another one, or 0 for any that is free", port, err)
	}
	return l.Close()
}
