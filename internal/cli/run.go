package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/user"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/cli/format"
)

// Options are those of the command line, named as in Trino's client. The zero value of each means its default.
type Options struct {
	Server           string // default localhost:8080
	User             string // default: the user of the operating system
	Source           string // default waterbear-cli
	Catalog          string
	Schema           string
	Path             string
	TimeZone         string
	ClientInfo       string
	TraceToken       string
	ClientTags       []string
	Session          map[string]string // session properties
	ExtraCredentials map[string]string

	Execute string // statements to execute; empty: see File
	File    string // file of statements to execute; empty: the shell, or standard input if that is no terminal

	OutputFormat            string // in batch mode; default CSV
	OutputFormatInteractive string // in the shell; default ALIGNED

	IgnoreErrors bool   // go on after a statement that failed
	Progress     bool   // show progress in batch mode
	Pager        string // program that shows results in the shell; empty: none
	HistoryFile  string // default ~/.waterbear_history
}

func (o *Options) setDefaults() {
	for _, d := range []struct {
		field *string
		value string
	}{
		{&o.Server, "localhost:8080"}, {&o.Source, "waterbear-cli"}, {&o.OutputFormat, "CSV"},
		{&o.OutputFormatInteractive, "ALIGNED"}, {&o.User, systemUser()}, {&o.HistoryFile, defaultHistoryFile()},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if !strings.Contains(o.Server, "://") {
		o.Server = "http://" + o.Server
	}
}

func systemUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "waterbear"
}

// The exit codes of Run.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// Run executes the statements that the options name, or the shell, and returns the exit code of the process.
func Run(ctx context.Context, o Options, stdin io.Reader, stdout, stderr io.Writer) int {
	o.setDefaults()
	for _, name := range []string{o.OutputFormat, o.OutputFormatInteractive} {
		if err := format.Check(name); err != nil {
			fmt.Fprintln(stderr, err)
			return exitUsage
		}
	}
	if o.Execute != "" && o.File != "" {
		fmt.Fprintln(stderr, "both --execute and --file specified")
		return exitUsage
	}
	r := &runner{options: o, stdout: stdout, stderr: stderr, client: newClient(o)}
	if o.Execute == "" && o.File == "" && isTerminal(stdin) {
		return r.shell(ctx)
	}
	script, err := readScript(o, stdin)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitError
	}
	return r.batch(ctx, script)
}

func newClient(o Options) *client.Client {
	return &client.Client{Server: o.Server, HTTP: &http.Client{}, Session: client.Session{
		User: o.User, Source: o.Source, Catalog: o.Catalog, Schema: o.Schema, Path: o.Path, TimeZone: o.TimeZone,
		ClientInfo: o.ClientInfo, TraceToken: o.TraceToken, ClientTags: o.ClientTags, Properties: o.Session,
		ExtraCredentials: o.ExtraCredentials,
	}}
}

// readScript returns the statements of batch mode. Those of --execute need no semicolon after the last.
func readScript(o Options, stdin io.Reader) (string, error) {
	switch {
	case o.Execute != "":
		return o.Execute + "\n;", nil
	case o.File != "":
		text, err := os.ReadFile(o.File)
		if err != nil {
			return "", fmt.Errorf("error reading from file %s: %w", o.File, err)
		}
		return string(text), nil
	}
	text, err := io.ReadAll(stdin)
	if err != nil {
		return "", fmt.Errorf("error reading from standard input: %w", err)
	}
	return string(text), nil
}

// runner executes statements one after the other.
type runner struct {
	options Options
	client  *client.Client
	stdout  io.Writer
	stderr  io.Writer
}

func (r *runner) batch(ctx context.Context, script string) int {
	statements, rest := splitStatements(script)
	code := exitOK
	for _, sql := range statements {
		e := execution{
			client: r.client, sql: sql, format: r.options.OutputFormat, out: r.stdout, messages: r.stderr, width: terminalWidth(r.stdout),
		}
		if r.options.Progress {
			e.progress = r.stderr
		}
		if !e.run(ctx) {
			code = exitError
			if !r.options.IgnoreErrors || ctx.Err() != nil {
				return code
			}
		}
	}
	if rest != "" {
		fmt.Fprintf(r.stderr, "Non-terminated statement: %s\n", rest)
		return exitError
	}
	return code
}
