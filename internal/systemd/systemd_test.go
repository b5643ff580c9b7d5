package systemd

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Taking sockets is tested where they are handed over: in package keeper.
func TestHandedOver(t *testing.T) {
	const pid = 42
	for _, test := range []struct {
		fds, pid, names string
		want            string
	}{
		{"", "", "", "[]"},
		{"1", "42", "", "[unknown]"},
		{"1", "", "", "[unknown]"}, // who started us could not know
		{"1", "41", "", "[]"},      // for our parent
		{"0", "42", "", "[]"},
		{"2", "42", "http:other", "[http other]"},
		{"2", "42", "http", "LISTEN_FDNAMES=http names 1 sockets, but LISTEN_FDS=2"},
		{"many", "42", "", "LISTEN_FDS=many is not the number of sockets handed over"},
		{"-1", "42", "", "LISTEN_FDS=-1 is not the number of sockets handed over"},
		{"1000000000", "42", "", "LISTEN_FDS=1000000000 is not the number of sockets handed over"},
	} {
		names, err := handedOver(map[string]string{listenFDs: test.fds, listenPID: test.pid, listenFDNames: test.names}, pid)
		got := fmt.Sprint(names)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func FuzzHandedOver(f *testing.F) {
	f.Add("2", "1", "a:b")
	f.Add("", "", ":")
	f.Fuzz(func(t *testing.T, fds, pid, names string) {
		given, err := handedOver(map[string]string{listenFDs: fds, listenPID: pid, listenFDNames: names}, 1)
		if err == nil && names != "" && len(given) > 0 && strings.Join(given, ":") != names {
			t.Errorf("%q for %q", given, names)
		}
	})
}

// What a parent hands over, and what was handed to the parent, must not be mixed up.
func TestHandover(t *testing.T) {
	got := Handover([]string{"A=1", "LISTEN_FDS=7", "LISTEN_PID=3", "LISTEN_FDNAMES=x"}, "http", "other")
	if want := []string{"A=1", "LISTEN_FDS=2", "LISTEN_FDNAMES=http:other"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Handover([]string{"LISTEN_FDS=7"}); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestNotify(t *testing.T) {
	ears, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	ready, heard := make(chan struct{}), make(chan error, 1)
	go func() { heard <- ears.Hear(func() { close(ready) }) }()
	env := ears.Environ([]string{"NOTIFY_SOCKET=/of/systemd", "A=1"})
	if len(env) != 2 {
		t.Fatalf("%q", env)
	}
	t.Setenv(notifySocket, strings.TrimPrefix(env[1], notifySocket+"="))
	n := TakeNotifier()
	if v := os.Getenv(notifySocket); v != "" {
		t.Errorf("children would inherit %s", v)
	}
	for _, state := range []string{"STATUS=half way", "STATUS=done\n" + Ready} {
		if err := n.Say(state); err != nil {
			t.Fatal(err)
		}
	}
	<-ready
	if err := ears.Close(); err != nil {
		t.Error(err)
	}
	if err := <-heard; err != nil {
		t.Error(err)
	}
	if err := n.Say(Ready); err == nil {
		t.Error("nobody listens, and nothing is said of it")
	}
	if err := (Notifier{}).Say(Ready); err != nil {
		t.Error(err)
	}
}
