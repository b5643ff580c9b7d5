package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/peterh/liner"
)

const shellHelp = `
Supported commands:
QUIT
EXIT
CLEAR
HISTORY
HELP
Everything else is sent to the server as SQL; a statement ends with a semicolon.
Ctrl-C cancels the running query or the statement being typed, Ctrl-D leaves.
`

// An editor reads lines from a person; it is liner in the shell, and a script in tests.
type editor interface {
	Prompt(prompt string) (string, error)
	AppendHistory(line string)
}

// shell reads statements from the terminal and executes them until the person leaves.
func (r *runner) shell(ctx context.Context) int {
	cooked, err := liner.TerminalMode()
	if err != nil {
		fmt.Fprintln(r.stderr, err)
		return exitError
	}
	line := liner.NewLiner()
	defer line.Close()
	line.SetCtrlCAborts(true)
	line.SetMultiLineMode(true)
	raw, err := liner.TerminalMode()
	if err != nil {
		fmt.Fprintln(r.stderr, err)
		return exitError
	}
	r.loadHistory(line)
	defer r.saveHistory(line)
	run := func(sql string) {
		// A running query leaves the terminal as it was, so that Ctrl-C is a signal.
		_ = cooked.ApplyMode()
		defer func() { _ = raw.ApplyMode() }()
		r.runInteractive(ctx, sql)
	}
	return r.converse(line, run, func() { _, _ = line.WriteHistory(r.stdout) })
}

// converse is the loop of the shell, without the terminal.
func (r *runner) converse(in editor, run func(sql string), history func()) int {
	var typed strings.Builder
	for {
		text, err := in.Prompt(r.prompt(typed.Len() > 0))
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			typed.Reset()
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(r.stdout)
			return exitOK
		case err != nil:
			fmt.Fprintln(r.stderr, err)
			return exitError
		}
		if typed.Len() == 0 {
			done, command := r.command(text, history)
			if done {
				return exitOK
			}
			if command {
				in.AppendHistory(text)
				continue
			}
		}
		typed.WriteString(text + "\n")
		if open(typed.String()) {
			continue
		}
		statements, _ := splitStatements(typed.String())
		for _, sql := range statements {
			in.AppendHistory(strings.Join(strings.Fields(sql), " ") + ";")
			run(sql)
		}
		typed.Reset()
	}
}

// command executes one of the shell's own commands.
func (r *runner) command(text string, history func()) (leave, known bool) {
	switch strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ";"))) {
	case "quit", "exit":
		return true, true
	case "help":
		fmt.Fprint(r.stdout, shellHelp, "\n")
	case "history":
		history()
	case "clear":
		fmt.Fprint(r.stdout, "\x1b[H\x1b[2J")
	default:
		return false, false
	}
	return false, true
}

// prompt shows the schema; on the lines after a statement's first it is blank but for an arrow.
func (r *runner) prompt(continued bool) string {
	prompt := "waterbear"
	if schema := r.client.Session.Schema; schema != "" {
		prompt += ":" + schema
	}
	if continued {
		return strings.Repeat(" ", len(prompt)-1) + "-> "
	}
	return prompt + "> "
}

// runInteractive executes a statement; Ctrl-C cancels it.
func (r *runner) runInteractive(ctx context.Context, sql string) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	e := execution{
		client: r.client, sql: sql, format: r.options.OutputFormatInteractive, out: r.stdout, messages: r.stdout,
		progress: r.stdout, width: terminalWidth(r.stdout),
	}
	closePager := func() error { return nil }
	if r.options.Pager != "" {
		pager, err := r.startPager(ctx)
		if err != nil {
			fmt.Fprintln(r.stderr, err)
			return
		}
		e.out, closePager = pager, pager.Close
	}
	e.run(ctx)
	if err := closePager(); err != nil {
		fmt.Fprintln(r.stderr, err)
	}
}

// pager is a program that shows what is written to it.
type pager struct {
	io.WriteCloser
	program *exec.Cmd
}

func (r *runner) startPager(ctx context.Context) (*pager, error) {
	program := exec.CommandContext(ctx, "sh", "-c", r.options.Pager)
	program.Stdout, program.Stderr = r.stdout, r.stderr
	in, err := program.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start pager: %w", err)
	}
	if err := program.Start(); err != nil {
		return nil, fmt.Errorf("start pager: %w", err)
	}
	return &pager{in, program}, nil
}

// Close ends the input of the program and waits until it has been left.
func (p *pager) Close() error {
	if err := p.WriteCloser.Close(); err != nil {
		return fmt.Errorf("pager: %w", err)
	}
	if err := p.program.Wait(); err != nil {
		return fmt.Errorf("pager: %w", err)
	}
	return nil
}

func defaultHistoryFile() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".waterbear_history")
}

func (r *runner) loadHistory(line *liner.State) {
	f, err := os.Open(r.options.HistoryFile)
	if err != nil {
		return // the first time there is none
	}
	defer f.Close()
	if _, err := line.ReadHistory(f); err != nil {
		fmt.Fprintf(r.stderr, "history %s: %v\n", r.options.HistoryFile, err)
	}
}

func (r *runner) saveHistory(line *liner.State) {
	if r.options.HistoryFile == "" {
		return
	}
	f, err := os.OpenFile(r.options.HistoryFile, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		fmt.Fprintf(r.stderr, "history: %v\n", err)
		return
	}
	defer f.Close()
	if _, err := line.WriteHistory(f); err != nil {
		fmt.Fprintf(r.stderr, "history %s: %v\n", r.options.HistoryFile, err)
	}
}
