package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/cli"
)

// pairs is a flag that may be repeated, each time with name=value.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return fmt.Errorf("expected name=value")
	}
	p[name] = value
	return nil
}

func runSQL(ctx context.Context, args []string) int {
	o := cli.Options{Session: map[string]string{}, ExtraCredentials: map[string]string{}}
	fs := flag.NewFlagSet("sql", flag.ContinueOnError)
	fs.StringVar(&o.Server, "server", "", "coordinator's address (default localhost:8080)")
	fs.StringVar(&o.User, "user", "", "user (default: that of the operating system)")
	fs.StringVar(&o.Source, "source", "", "name of the program that asks (default waterbear-cli)")
	fs.StringVar(&o.Catalog, "catalog", "", "default catalog")
	fs.StringVar(&o.Schema, "schema", "", "default schema")
	fs.StringVar(&o.Path, "path", "", "SQL path for functions")
	fs.StringVar(&o.TimeZone, "timezone", "", "session time zone")
	fs.StringVar(&o.ClientInfo, "client-info", "", "information about the client")
	fs.StringVar(&o.TraceToken, "trace-token", "", "trace token")
	tags := fs.String("client-tags", "", "comma-separated client tags")
	fs.Var(pairs(o.Session), "session", "session property name=value; can be repeated")
	fs.Var(pairs(o.ExtraCredentials), "extra-credential", "extra credential name=value; can be repeated")
	fs.StringVar(&o.Execute, "execute", "", "statements to execute")
	fs.StringVar(&o.File, "file", "", "file of statements to execute")
	fs.StringVar(&o.OutputFormat, "output-format", "", "format in batch mode (default CSV)")
	fs.StringVar(&o.OutputFormatInteractive, "output-format-interactive", "", "format in the shell (default ALIGNED)")
	fs.BoolVar(&o.IgnoreErrors, "ignore-errors", false, "go on after a statement that failed")
	fs.BoolVar(&o.Progress, "progress", false, "show progress in batch mode")
	fs.StringVar(&o.Pager, "pager", "", "program that shows results in the shell")
	fs.StringVar(&o.HistoryFile, "history-file", "", "history of the shell (default ~/.waterbear_history)")
	if code, ok := parse(fs, args); !ok {
		return code
	}
	if *tags != "" {
		o.ClientTags = strings.Split(*tags, ",")
	}
	return cli.Run(ctx, o, os.Stdin, os.Stdout, os.Stderr)
}
