package main

import (
	"io"
	"log/slog"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// packageLogger returns the logger of a package, at the level that log.properties gives it.
func packageLogger(w io.Writer, cfg config.Log, pkg string) *slog.Logger {
	h := slog.NewTextHandler(w, &slog.HandlerOptions{Level: cfg.Level(pkg)})
	return slog.New(h).With("pkg", pkg)
}
