package keeper

import (
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// reap lets go of processes that have lost their parents, as the first process of a container has to, until stop.
func (k *Keeper) reap() (stop func()) {
	ends := make(chan os.Signal, 1) // one that is waiting stands for all
	signal.Notify(ends, syscall.SIGCHLD)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range ends {
			k.reapOrphans()
		}
	}()
	return func() {
		signal.Stop(ends)
		close(ends)
		<-done
	}
}

// reapOrphans lets go of those that have ended. For the program somebody else waits.
func (k *Keeper) reapOrphans() {
	k.starting.Lock() // or a program that has just begun would look like one of them
	defer k.starting.Unlock()
	lists, _ := filepath.Glob("/proc/self/task/*/children") // the pattern is well-formed
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && pid != k.pid {
				_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil) // most go on
			}
		}
	}
}
