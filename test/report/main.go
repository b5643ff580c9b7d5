// Command report reads what `go test -json` prints: it shows a line for each package and the whole output of what failed,
// and counts tests.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64
}

// counts are how tests, subtests included, ended.
type counts struct{ passed, failed, skipped int }

func main() {
	file := flag.String("append", "", "file to append the counts to, as `passed failed skipped`")
	flag.Parse()
	c, ok := report(os.Stdin, os.Stdout)
	fmt.Printf("%d passed, %d failed, %d skipped\n", c.passed, c.failed, c.skipped)
	if *file != "" {
		if err := appendTo(*file, c); err != nil {
			fmt.Fprintln(os.Stderr, "report:", err)
			ok = false
		}
	}
	if !ok {
		os.Exit(1)
	}
}

func appendTo(name string, c counts) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	fmt.Fprintln(f, c.passed, c.failed, c.skipped)
	return f.Close()
}

// report follows a run to its end; ok is false when something failed.
func report(in io.Reader, out io.Writer) (c counts, ok bool) {
	ok = true
	held := map[string]*strings.Builder{} // output of tests and packages that have not ended, and of builds
	hold := func(key, text string) {
		if held[key] == nil {
			held[key] = new(strings.Builder)
		}
		held[key].WriteString(text)
	}
	show := func(key string) {
		if b := held[key]; b != nil {
			fmt.Fprint(out, b.String())
			delete(held, key)
		}
	}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				fmt.Fprint(out, line) // what the go command says outside of any test
			} else {
				ok = e.apply(&c, out, hold, show) && ok
			}
		}
		if err != nil {
			return c, ok
		}
	}
}

func (e *event) apply(c *counts, out io.Writer, hold func(key, text string), show func(key string)) (ok bool) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		hold(key, e.Output)
	case "build-output":
		hold(e.ImportPath, e.Output)
	case "build-fail":
		show(e.ImportPath)
		return false
	case "pass", "skip":
		if e.Test == "" {
			fmt.Fprintf(out, "%-5s %s\t%.1fs\n", map[string]string{"pass": "ok", "skip": "-"}[e.Action], e.Package, e.Elapsed)
		} else if e.Action == "pass" {
			c.passed++
		} else {
			c.skipped++
		}
	case "fail":
		show(key)
		if e.Test != "" {
			c.failed++
		} else {
			fmt.Fprintf(out, "FAIL  %s\t%.1fs\n", e.Package, e.Elapsed)
		}
		return false
	}
	return true
}
