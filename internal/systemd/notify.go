package systemd

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"

	"github.com/google/uuid"
)

// notifySocket is where a service says how it is, see sd_notify(3).
const notifySocket = "NOTIFY_SOCKET"

// What a service says.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
)

// Notifier tells who started this process how it is. The zero value tells nobody.
type Notifier struct{ socket string }

// TakeNotifier returns the notifier that this process was given. What this process starts does not inherit it.
func TakeNotifier() Notifier {
	n := Notifier{os.Getenv(notifySocket)}
	os.Unsetenv(notifySocket)
	return n
}

// Say says it; nothing comes back, and nobody need listen.
func (n Notifier) Say(state string) error {
	if n.socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"}) // a leading @ is an abstract name
	if err != nil {
		return fmt.Errorf("%s: %w", notifySocket, err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("%s: %w", notifySocket, err)
	}
	return nil
}

// Ears listen to what a child says.
type Ears struct {
	conn   *net.UnixConn
	closed atomic.Bool
}

// Listen opens ears.
func Listen() (*Ears, error) {
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "@waterbear-" + uuid.NewString(), Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("listen to the child: %w", err)
	}
	return &Ears{conn: conn}, nil
}

// Environ is environ with the way to these ears.
func (e *Ears) Environ(environ []string) []string {
	var out []string
	for _, v := range environ {
		if !strings.HasPrefix(v, notifySocket+"=") {
			out = append(out, v)
		}
	}
	return append(out, notifySocket+"="+e.conn.LocalAddr().String())
}

// Hear calls ready whenever a child says that it is ready, until Close.
func (e *Ears) Hear(ready func()) error {
	buf := make([]byte, 4096)
	for {
		n, err := e.conn.Read(buf)
		switch {
		case e.closed.Load() || errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return fmt.Errorf("listen to the child: %w", err)
		}
		for line := range strings.Lines(string(buf[:n])) {
			if strings.TrimSuffix(line, "\n") == Ready {
				ready()
			}
		}
	}
}

// Close ends Hear.
func (e *Ears) Close() error {
	e.closed.Store(true)
	return e.conn.Close()
}
