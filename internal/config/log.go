package config

import (
	"log/slog"
	"slices"
	"strings"
)

// Log is log.properties: how much each package logs.
type Log struct {
	// Default is the level of packages without one of their own.
	Default slog.Level
	// Packages are levels by package, "scheduler" or "connector/hive"; subpackages follow unless they have their own.
	Packages map[string]slog.Level
}

// LevelOff is above every level that is logged.
const LevelOff = slog.Level(100)

// logLevels are the levels by name; those that Go lacks take the nearest.
var logLevels = map[string]slog.Level{
	"ALL": slog.LevelDebug, "TRACE": slog.LevelDebug, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo,
	"WARN": slog.LevelWarn, "ERROR": slog.LevelError, "OFF": LevelOff,
}

// logPackages are the packages that log. io.trino and waterbear stand for all of them.
var logPackages = []string{"coordinator", "worker", "slot", "engine", "exchange", "connector", "connector/hive",
	"protocol", "journal", "rpc", "scheduler", "security", "telemetry"}

// Level returns the level of a package.
func (l *Log) Level(pkg string) slog.Level {
	for {
		if level, ok := l.Packages[pkg]; ok {
			return level
		}
		slash := strings.LastIndexByte(pkg, '/')
		if slash < 0 {
			return l.Default
		}
		pkg = pkg[:slash]
	}
}

// readLog reads lines of the form logger=LEVEL: io.trino=INFO, waterbear.scheduler=DEBUG.
func readLog(f *File) (Log, error) {
	l := Log{Default: slog.LevelInfo, Packages: map[string]slog.Level{}}
	var problems Problems
	known := []string{"io.trino", "waterbear"}
	for _, p := range logPackages {
		known = append(known, "waterbear."+strings.ReplaceAll(p, "/", "."))
	}
	for _, e := range f.Entries {
		level, ok := logLevels[strings.ToUpper(e.Value)]
		if !ok {
			problems.add(f.Path, e.Line, "logger '%s' must be one of DEBUG, INFO, WARN, ERROR, OFF, but is '%s'", e.Key, e.Value)
			continue
		}
		switch i := slices.Index(known, e.Key); {
		case i >= 2:
			l.Packages[logPackages[i-2]] = level
		case i >= 0:
			l.Default = level
		default:
			if meant := nearest(e.Key, known); meant != "" {
				problems.add(f.Path, e.Line, "unknown logger '%s'; did you mean '%s'?", e.Key, meant)
			} else {
				problems.add(f.Path, e.Line, "unknown logger '%s'; there are %s", e.Key, strings.Join(known, ", "))
			}
		}
	}
	return l, problems.err()
}
