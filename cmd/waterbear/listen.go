package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/keeper"
	"github.com/waterbear-sql/waterbear/internal/systemd"
)

// errConfiguration marks what only another configuration mends.
var errConfiguration = errors.New("wrong configuration")

// failStart is fail for a node that does not start: whoever starts it again is told when that is of no use.
func failStart(command string, err error) int {
	code := fail(command, err)
	if _, ok := errors.AsType[config.Problems](err); ok || errors.Is(err, errConfiguration) {
		return keeper.ConfigExit
	}
	return code
}

// listen returns the sockets on which a node is reached: those that it was handed, else one that it opens itself.
func listen(cfg *config.Config) (listeners []net.Listener, inherited bool, err error) {
	handed, err := systemd.Listeners()
	if err != nil {
		return nil, false, err
	}
	if len(handed) == 0 {
		l, err := net.Listen("tcp", net.JoinHostPort(cfg.Node.BindIP, strconv.Itoa(cfg.Server.HTTPPort)))
		if err != nil {
			return nil, false, fmt.Errorf("http-server.http.port=%d: %w", cfg.Server.HTTPPort, err)
		}
		return []net.Listener{l}, false, nil
	}
	port := cfg.Server.HTTPPort
	for _, l := range handed {
		listeners = append(listeners, l.Listener)
		if p, ok := l.Addr().(*net.TCPAddr); ok && port == 0 {
			port = p.Port
		}
		if err == nil {
			err = agrees(l.Name, l.Addr(), port, cfg.Node.BindIP)
		}
	}
	if err != nil {
		closeAll(listeners)
		return nil, false, fmt.Errorf("%w: %w", errConfiguration, err)
	}
	return listeners, true, nil
}

// agrees reports a socket that was handed over and is not what the configuration says.
func agrees(name string, addr net.Addr, port int, bindIP string) error {
	a, ok := addr.(*net.TCPAddr)
	switch {
	case !ok:
		return fmt.Errorf("the socket %s that was handed over is at %s, but must be of TCP", name, addr)
	case strings.Contains(strings.ToLower(name), "https"):
		return fmt.Errorf("the socket %s that was handed over is for HTTPS, which this version does not serve", name)
	case a.Port != port:
		return fmt.Errorf("the socket %s that was handed over is at port %d, but http-server.http.port=%d", name, a.Port, port)
	case !reaches(a.IP, net.ParseIP(bindIP)):
		return fmt.Errorf("the socket %s that was handed over is at %s, but node.bind-ip=%s", name, a.IP, bindIP)
	}
	return nil
}

// reaches reports whether a socket at ip is reached only through bind, which may be any address.
func reaches(ip, bind net.IP) bool { return bind == nil || bind.IsUnspecified() || ip.Equal(bind) }

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}
