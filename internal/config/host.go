package config

import (
	"bufio"
	"bytes"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Host is what defaults and values depend on besides the files.
type Host struct {
	// LookupEnv finds the variables of ${ENV:NAME}.
	LookupEnv func(string) (string, bool)
	// MemoryBytes is what processes here may use: the control group's limit or the machine's memory.
	MemoryBytes int64
	// Cores is how many threads can run at the same time.
	Cores int
	// Name is the host name.
	Name string
}

// LocalHost describes the machine, or the container, that this process runs on.
func LocalHost() Host {
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return Host{
		LookupEnv:   os.LookupEnv,
		MemoryBytes: memoryLimit("/"),
		Cores:       runtime.GOMAXPROCS(0), // Go derives it from the control group's CPU limit
		Name:        name,
	}
}

// memoryLimit returns the smallest of the machine's memory and the limits of the control groups that hold this process,
// of version 2 or 1. root is the root of the file system.
func memoryLimit(root string) int64 {
	limit := machineMemory(root)
	lower := func(file string) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			return
		}
		v, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && v > 0 && v < limit {
			limit = v
		}
	}
	for _, group := range controlGroups(root) {
		// A limit may stand at any level. Inside a container the own path may not be visible: its root is then ours.
		for dir := group.path; ; dir = path.Dir(dir) {
			lower(path.Join(group.mount, dir, group.file))
			if dir == "/" || dir == "." {
				break
			}
		}
	}
	return limit
}

// machineMemory returns MemTotal; 4 GB where it cannot be known.
func machineMemory(root string) int64 {
	text, err := os.ReadFile(filepath.Join(root, "proc/meminfo"))
	if err == nil {
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) == 3 && fields[0] == "MemTotal:" {
				if kb, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
					return kb << 10
				}
			}
		}
	}
	return 4 << 30
}

// controlGroup is a place where a memory limit may stand.
type controlGroup struct{ mount, path, file string }

func controlGroups(root string) []controlGroup {
	groups := []controlGroup{
		{"sys/fs/cgroup", "/", "memory.max"},
		{"sys/fs/cgroup/memory", "/", "memory.limit_in_bytes"},
	}
	text, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return groups
	}
	for scanner := bufio.NewScanner(bytes.NewReader(text)); scanner.Scan(); {
		// hierarchy:controllers:path
		parts := strings.SplitN(scanner.Text(), ":", 3)
		switch {
		case len(parts) != 3:
		case parts[1] == "":
			groups[0].path = path.Clean("/" + parts[2])
		case strings.Contains(","+parts[1]+",", ",memory,"):
			groups[1].path = path.Clean("/" + parts[2])
		}
	}
	return groups
}
