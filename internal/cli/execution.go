package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/cli/format"
)

const (
	// A table's columns are made wide enough for the rows at hand: so many, or those of so long a time.
	bufferedRows = 10_000
	bufferedTime = 3 * time.Second

	cancelTimeout = 5 * time.Second
	clearLine     = "\r\x1b[K"
)

// execution is one statement from its text to its printed result.
type execution struct {
	client   *client.Client
	sql      string
	format   string
	width    int       // of the terminal; 0: none
	out      io.Writer // for rows
	messages io.Writer // for errors, warnings and what an update did
	progress io.Writer // nil: no progress is shown

	started time.Time
	printer format.Printer
	rows    []format.Row
	flushed time.Time
	shown   bool // a status line is on the terminal
}

// run executes the statement and reports whether it ended well; what went wrong has been printed.
func (e *execution) run(ctx context.Context) bool {
	e.started, e.flushed = time.Now(), time.Now()
	q, err := e.client.Start(ctx, e.sql)
	if err == nil {
		err = e.follow(ctx, q)
	}
	e.clearStatus()
	if err != nil {
		if ctx.Err() != nil {
			e.cancel(q)
			fmt.Fprintln(e.messages, "Query aborted by user")
			return false
		}
		fmt.Fprintf(e.messages, "Error running command: %v\n", err)
		e.cancel(q)
		return false
	}
	last := q.Now()
	if e.progress != nil && last.Stats.Nodes > 0 { // without nodes nothing ran that is worth a summary
		fmt.Fprint(e.progress, summary(last, time.Since(e.started)))
	}
	if last.Error != nil {
		printError(e.messages, last, e.sql)
	}
	return last.Error == nil
}

// cancel stops a query that nobody waits for any more.
func (e *execution) cancel(q *client.Query) {
	if q == nil {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), cancelTimeout)
	defer stop()
	if err := q.Cancel(ctx); err != nil {
		fmt.Fprintln(e.messages, err)
	}
}

// follow fetches and prints answers until the last. An error is one of talking to the server or of printing.
func (e *execution) follow(ctx context.Context, q *client.Query) error {
	for {
		if err := e.take(q.Now()); err != nil {
			return err
		}
		e.showStatus(q.Now())
		more, err := q.Next(ctx)
		if err != nil {
			return err
		}
		if !more {
			return e.finish(q.Now())
		}
	}
}

// take keeps the rows of an answer, and prints if there are enough.
func (e *execution) take(r *client.Results) error {
	if len(r.Data) == 0 || bytes.Equal(r.Data, []byte("null")) {
		return nil
	}
	rows, err := format.ParseRows(r.Data)
	if err != nil {
		return err
	}
	e.rows = append(e.rows, rows...)
	if err := e.prepare(r); err != nil {
		return err
	}
	if len(e.rows) >= bufferedRows || time.Since(e.flushed) >= bufferedTime {
		return e.flush()
	}
	return nil
}

func (e *execution) prepare(r *client.Results) (err error) {
	if e.printer == nil {
		columns := make([]format.Column, len(r.Columns))
		for i, c := range r.Columns {
			columns[i] = format.Column{Name: c.Name, Type: c.Type.Type()}
		}
		e.printer, err = format.New(e.format, columns, e.out, e.width)
	}
	return err
}

func (e *execution) flush() error {
	e.clearStatus()
	for len(e.rows) > 0 {
		n := min(len(e.rows), bufferedRows)
		if err := e.printer.Rows(e.rows[:n]); err != nil {
			return err
		}
		e.rows = e.rows[n:]
	}
	e.rows, e.flushed = nil, time.Now()
	return nil
}

func (e *execution) finish(r *client.Results) error {
	e.clearStatus()
	for _, w := range r.Warnings {
		fmt.Fprintf(e.messages, "WARNING: %s\n", w.Message)
	}
	switch {
	case r.Error != nil && e.printer == nil:
		return nil
	case r.UpdateType != "" && len(r.Columns) == 0 || r.UpdateType != "" && r.UpdateCount != nil:
		if r.Error == nil {
			printUpdate(e.messages, r)
		}
		return nil
	case r.Error != nil:
		return e.flush()
	}
	if err := e.prepare(r); err != nil {
		return err
	}
	if err := e.flush(); err != nil {
		return err
	}
	return e.printer.Finish()
}

func printUpdate(w io.Writer, r *client.Results) {
	text := r.UpdateType
	if n := r.UpdateCount; n != nil {
		text += fmt.Sprintf(": %d row", *n)
		if *n != 1 {
			text += "s"
		}
	}
	fmt.Fprintln(w, text)
}

// printError tells why a query failed and points at the place in its text.
func printError(w io.Writer, r *client.Results, sql string) {
	fmt.Fprintf(w, "Query %s failed: %s\n", r.ID, r.Error.Message)
	if at := r.Error.Location; at != nil {
		lines := strings.Split(sql, "\n")
		if at.Line >= 1 && at.Line <= len(lines) && at.Column >= 1 {
			prefix := fmt.Sprintf("LINE %d: ", at.Line)
			fmt.Fprintf(w, "%s%s\n%s^\n", prefix, lines[at.Line-1], strings.Repeat(" ", len(prefix)+at.Column-1))
		}
	}
	fmt.Fprintln(w)
}

func (e *execution) showStatus(r *client.Results) {
	if e.progress == nil || r.NextURI == "" {
		return
	}
	width := terminalWidth(e.progress)
	if width == 0 {
		width = 120
	}
	fmt.Fprint(e.progress, clearLine, statusLine(r, time.Since(e.started), width))
	e.shown = true
}

func (e *execution) clearStatus() {
	if e.shown {
		fmt.Fprint(e.progress, clearLine)
		e.shown = false
	}
}
