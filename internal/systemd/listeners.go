package systemd

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// The environment of a process that is handed sockets, see sd_listen_fds(3).
const (
	listenFDs     = "LISTEN_FDS"
	listenPID     = "LISTEN_PID"
	listenFDNames = "LISTEN_FDNAMES"
)

// firstFD is the first descriptor that is handed over; the others follow.
const firstFD = 3

// Listener is a listening socket that was handed to this process.
type Listener struct {
	net.Listener
	// Name is what who started us calls it; systemd's default is the name of the socket unit.
	Name string
}

// Listeners takes the listening sockets that were handed to this process, none usually. They are taken once: what this
// process starts inherits neither them nor the environment that tells of them.
func Listeners() ([]Listener, error) {
	env := map[string]string{}
	for _, name := range []string{listenFDs, listenPID, listenFDNames} {
		env[name] = os.Getenv(name)
		os.Unsetenv(name)
	}
	names, err := handedOver(env, os.Getpid())
	if err != nil {
		return nil, err
	}
	var out []Listener
	for i, name := range names {
		fd := firstFD + i
		syscall.CloseOnExec(fd)
		f := os.NewFile(uintptr(fd), name)
		l, lerr := net.FileListener(f) // a duplicate
		f.Close()
		if lerr != nil && err == nil {
			err = fmt.Errorf("%s=%s: descriptor %d (%s) is no listening socket: %w", listenFDs, env[listenFDs], fd, name, lerr)
		}
		if lerr == nil {
			out = append(out, Listener{l, name})
		}
	}
	if err != nil {
		for _, l := range out {
			l.Close()
		}
		return nil, err
	}
	return out, nil
}

// handedOver returns the names of the sockets that the environment says were handed to the process pid. Who cannot know
// the id of the process it starts leaves that out.
func handedOver(env map[string]string, pid int) ([]string, error) {
	if env[listenFDs] == "" || env[listenPID] != "" && env[listenPID] != strconv.Itoa(pid) {
		return nil, nil // for another process, whose environment we have inherited
	}
	n, err := strconv.Atoi(env[listenFDs])
	if err != nil || n < 0 || n > 1000 {
		return nil, fmt.Errorf("%s=%s is not the number of sockets handed over", listenFDs, env[listenFDs])
	}
	names := make([]string, n)
	given := strings.Split(env[listenFDNames], ":")
	if env[listenFDNames] != "" && len(given) != n {
		return nil, fmt.Errorf("%s=%s names %d sockets, but %s=%d", listenFDNames, env[listenFDNames], len(given), listenFDs, n)
	}
	for i := range names {
		if names[i] = "unknown"; env[listenFDNames] != "" {
			names[i] = given[i]
		}
	}
	return names, nil
}

// Handover is the environment with which a child is told of the sockets that it gets as descriptors 3 and on, by their
// names. environ is the environment of this process.
func Handover(environ []string, names ...string) []string {
	var out []string
	for _, e := range environ {
		switch name, _, _ := strings.Cut(e, "="); name {
		case listenFDs, listenPID, listenFDNames:
		default:
			out = append(out, e)
		}
	}
	if len(names) == 0 {
		return out
	}
	return append(out, listenFDs+"="+strconv.Itoa(len(names)), listenFDNames+"="+strings.Join(names, ":"))
}
