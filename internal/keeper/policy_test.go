package keeper

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestPolicy(t *testing.T) {
	const short, long = time.Second, time.Hour
	killed := life{signal: syscall.SIGKILL, code: -1, lived: short}
	for _, test := range []struct {
		name  string
		lives []life
		end   bool
		code  int
		pause time.Duration
	}{
		{"configuration", []life{{code: ConfigExit}}, true, ConfigExit, 0},
		{"configuration that was changed", []life{killed, {code: ConfigExit}}, true, ConfigExit, 0},
		{"port in use", []life{{code: 1}}, true, 1, 0},
		{"ends before it is ready", []life{{code: 0}}, true, 1, 0},
		{"out of memory at the start", []life{{signal: syscall.SIGKILL, code: -1}}, false, 0, 0},
		{"storage away at a restart", []life{killed, {code: 1}}, false, 0, firstPause},
		{"killed", []life{killed}, false, 0, 0},
		{"panic", []life{{code: 2, lived: short}}, false, 0, 0},
		{"killed twice", []life{killed, killed}, false, 0, firstPause},
		{"crash loop", []life{killed, killed, killed, killed}, false, 0, 4 * firstPause},
		{"crash loop for days", slices.Repeat([]life{killed}, 100), false, 0, longestPause},
		{"killed long after that", []life{killed, killed, killed, {signal: syscall.SIGSEGV, lived: long}}, false, 0, 0},
		{"told itself to end", []life{killed, killed, killed, {code: 0, lived: short}}, false, 0, 0},
		{"renewed", []life{{code: 0, lived: short, renewed: true}}, false, 0, 0},
		{"renewed, and killed as it took too long", []life{{signal: syscall.SIGKILL, lived: short, renewed: true}}, false, 0, 0},
		{"asked", []life{{code: 0, lived: long, asked: true}}, true, 0, 0},
		{"asked, and failed", []life{{code: 1, lived: long, asked: true}}, true, 1, 0},
		{"asked twice", []life{{signal: syscall.SIGTERM, code: -1, lived: long, asked: true}}, true, 128 + 15, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var h history
			var v verdict
			for i, l := range test.lives {
				if v.end {
					t.Fatalf("ended before life %d: %+v", i, v)
				}
				h, v = h.next(l)
			}
			if v.why == "" {
				t.Error("no reason")
			}
			if v.end != test.end || v.code != test.code || v.pause != test.pause {
				t.Errorf("%+v", v)
			}
		})
	}
}
