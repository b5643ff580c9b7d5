package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/keeper"
)

// socketName is what a keeper calls the socket that it hands to a node.
const socketName = "http"

// runKeep runs a node as a child that outlives its own death: this process holds the sockets meanwhile.
func runKeep(_ context.Context, args []string) int {
	fs := flag.NewFlagSet("keep", flag.ContinueOnError)
	etc := fs.String("etc-dir", "etc", "configuration directory")
	if code, ok := parse(fs, args); !ok {
		return code
	}
	signals := make(chan os.Signal, 4) // main has seen to SIGTERM and SIGINT since the start: none ends this process
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	k, err := newKeeper(*etc)
	if err != nil {
		return failStart("keep", err)
	}
	debug.FreeOSMemory() // from now on it waits
	return k.Run(signals)
}

// newKeeper opens the sockets of the node that a directory configures.
func newKeeper(etc string) (*keeper.Keeper, error) {
	etc, err := filepath.Abs(etc)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(etc, config.LocalHost())
	if err != nil {
		return nil, err
	}
	path, err := exec.LookPath(os.Args[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, err
	}
	listeners, _, err := listen(cfg)
	if err != nil {
		return nil, err
	}
	defer closeAll(listeners) // of which the keeper has duplicates
	k := &keeper.Keeper{Path: path, Args: []string{"waterbear", "server", "--etc-dir", etc}, Init: os.Getpid() == 1, Log: packageLogger(os.Stderr, cfg.Log, "keeper")}
	for _, l := range listeners {
		f, err := file(l)
		if err != nil {
			return nil, err
		}
		k.Sockets = append(k.Sockets, keeper.Socket{Name: socketName, File: f})
	}
	return k, nil
}

// file is the file of a listening socket.
func file(l net.Listener) (*os.File, error) {
	t, ok := l.(*net.TCPListener)
	if !ok {
		return nil, fmt.Errorf("the socket at %s: %w", l.Addr(), errors.ErrUnsupported)
	}
	return t.File()
}
