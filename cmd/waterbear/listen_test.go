package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/keeper"
)

func TestSocketAgrees(t *testing.T) {
	tcp := func(ip string, port int) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: port} }
	for _, test := range []struct {
		name   string
		addr   net.Addr
		port   int
		bindIP string
		want   string // part of the message; empty: it does
	}{
		{"http", tcp("::", 8080), 8080, "", ""},
		{"http", tcp("::", 8080), 8080, "0.0.0.0", ""},
		{"waterbear.socket", tcp("127.0.0.1", 8080), 8080, "127.0.0.1", ""},
		{"unknown", tcp("127.0.0.1", 8080), 8080, "", ""},
		{"waterbear.socket", tcp("::", 8081), 8080, "", "waterbear.socket that was handed over is at port 8081, but http-server.http.port=8080"},
		{"http", tcp("::", 8080), 8080, "10.0.0.1", "at ::, but node.bind-ip=10.0.0.1"},
		{"https", tcp("::", 8080), 8080, "", "HTTPS"},
		{"http", &net.UnixAddr{Name: "/run/waterbear", Net: "unix"}, 8080, "", "must be of TCP"},
	} {
		err := agrees(test.name, test.addr, test.port, test.bindIP)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s at %s: %v", test.name, test.addr, err)
		}
	}
}

// Only what another configuration mends ends a keeper.
func TestExitCodes(t *testing.T) {
	for code, err := range map[int]error{
		keeper.ConfigExit: fmt.Errorf("read: %w", config.Problems{{File: "config.properties", Msg: "unknown property"}}),
		1:                 errors.New("the storage is away"),
	} {
		if got := failStart("test", err); got != code {
			t.Errorf("%v: exit code %d", err, got)
		}
	}
	if got := failStart("test", fmt.Errorf("%w: another port", errConfiguration)); got != keeper.ConfigExit {
		t.Errorf("exit code %d", got)
	}
}
