package localcluster

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// layout names the files of a data directory:
//
//	lock               held while a cluster runs here
//	log/NODE.log       output of each node, of the last run
//	hive/              tables of the default catalog hive
//	run/etc/NODE/      configuration directories
//	run/node/NODE/     data directories of the nodes
//	run/spool/         outputs of stages, and the coordinator's journal
//	run/journal/       the journal when coordinators share it
//
// Everything below run is temporary.
type layout struct{ root string }

func (l layout) hive() string            { return filepath.Join(l.root, "hive") }
func (l layout) run() string             { return filepath.Join(l.root, "run") }
func (l layout) etc(node string) string  { return filepath.Join(l.run(), "etc", node) }
func (l layout) data(node string) string { return filepath.Join(l.run(), "node", node) }
func (l layout) spool() string           { return filepath.Join(l.run(), "spool") }
func (l layout) journal() string         { return filepath.Join(l.run(), "journal") }
func (l layout) logs() string            { return filepath.Join(l.root, "log") }
func (l layout) log(node string) string  { return filepath.Join(l.logs(), node+".log") }

// scratch is where the coordinator keeps what outgrows its memory.
func (l layout) scratch() string {
	return filepath.Join(l.data(CoordinatorID), "scratch", "coordinator")
}

// errInUse says that another process runs a cluster in the directory.
var errInUse = errors.New("another cluster is running in this data directory")

// prepare makes the directories, empty but for what outlives clusters, and locks them until the file is closed.
func (l layout) prepare() (lock *os.File, err error) {
	if err := os.MkdirAll(l.root, 0o755); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	lock, err = os.OpenFile(filepath.Join(l.root, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("%s: %w", l.root, errInUse)
	}
	err = errors.Join(os.RemoveAll(l.run()), os.RemoveAll(l.logs()), os.MkdirAll(l.spool(), 0o700), os.MkdirAll(l.logs(), 0o755),
		os.MkdirAll(l.hive(), 0o755))
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("prepare data directory: %w", err)
	}
	return lock, nil
}

// remove deletes what is temporary.
func (l layout) remove() error {
	return errors.Join(os.RemoveAll(l.run()), os.Remove(filepath.Join(l.root, "lock")))
}

// writeEtc writes a node's configuration directory: file names with their properties.
func (l layout) writeEtc(node string, files map[string]map[string]string) error {
	for name, props := range files {
		path := filepath.Join(l.etc(node), name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(properties(props)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// properties renders the text of a properties file, keys in order.
func properties(props map[string]string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(props)) {
		fmt.Fprintf(&b, "%s=%s\n", k, escapes.Replace(props[k]))
	}
	return b.String()
}

// nodeFiles are the configuration files of a node. uri is the coordinator's; port the node's own.
func (c *Config) nodeFiles(l layout, node, uri, secret string, port int) map[string]map[string]string {
	coordinator := node == CoordinatorID || node == StandbyID
	server := map[string]string{
		"coordinator":                          fmt.Sprint(coordinator),
		"http-server.http.port":                fmt.Sprint(port),
		"internal-communication.shared-secret": secret,
		"retry-policy":                         c.RetryPolicy,
		"fault-tolerant-execution-task-memory": "0B", // a slot's share of the worker
		"waterbear.memory":                     fmt.Sprintf("%dB", c.MemoryBytes),
		"waterbear.slots":                      fmt.Sprint(c.Slots),
		"waterbear.threads-per-task":           fmt.Sprint(c.Threads),
	}
	if coordinator {
		server["node-scheduler.include-coordinator"] = "false"
	} else {
		server["discovery.uri"] = uri
	}
	if c.Standby {
		server["waterbear.journal"] = l.journal()
	}
	maps.Copy(server, c.Properties)
	files := map[string]map[string]string{
		"config.properties": server,
		"node.properties": {
			"node.environment":      "local",
			"node.id":               node,
			"node.data-dir":         l.data(node),
			"node.bind-ip":          "127.0.0.1",
			"node.internal-address": "127.0.0.1",
		},
		"exchange-manager.properties": {
			"exchange-manager.name":     "filesystem",
			"exchange.base-directories": strings.Join(append([]string{l.spool()}, c.MoreSpools...), ","),
		},
	}
	if c.Exchange != nil {
		files["exchange-manager.properties"] = c.Exchange
	}
	if c.NoExchange {
		delete(files, "exchange-manager.properties")
	}
	for name, props := range c.Catalogs {
		files[filepath.Join("catalog", name+".properties")] = props
	}
	return files
}
