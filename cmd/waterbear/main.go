// Command waterbear is a distributed SQL engine that finishes the query: server, shell and tools in one binary.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "dev"

// command is a subcommand. run returns the exit code.
type command struct {
	name, help string
	run        func(ctx context.Context, args []string) int
	hidden     bool
}

func commands() []command {
	return []command{
		{name: "server", help: "run a node of a cluster from a configuration directory", run: runServer},
		{name: "keep", help: "run a node, and start it again when it dies; clients wait meanwhile", run: runKeep},
		{name: "dev", help: "run a cluster of processes on this machine", run: runDev},
		{name: "sql", help: "run statements, or an interactive shell", run: runSQL},
		{name: "demo", help: "watch a query survive the death of a worker", run: runDemo},
		{name: "bench", help: "time queries against DuckDB, or measure the scheduler", run: runBench},
		{name: "exchange", help: "list and remove what dead coordinators have left in the exchange storage", run: runExchange},
		{name: "chaos", help: "play simulated clusters with faults against the scheduler", run: runChaos},
		{name: "slot", help: "run task attempts for a worker", run: runSlot, hidden: true},
		{name: "version", help: "print the version", run: func(context.Context, []string) int {
			fmt.Println(version)
			return 0
		}},
	}
}

func main() {
	ctx, stop := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		stop(stopSignal{<-signals})
		signal.Stop(signals) // a second one ends the process
	}()
	os.Exit(run(ctx, os.Args[1:]))
}

// stopSignal is the cause of the end of a process that was told to.
type stopSignal struct{ os.Signal }

func (s stopSignal) Error() string { return s.String() }

// terminated reports whether ctx has ended because of a SIGTERM, which service managers send, and not a Ctrl-C.
func terminated(ctx context.Context) bool {
	s, ok := context.Cause(ctx).(stopSignal)
	return ok && s.Signal == syscall.SIGTERM
}

func run(ctx context.Context, args []string) int {
	if len(args) > 0 {
		for _, c := range commands() {
			if c.name == args[0] {
				return c.run(ctx, args[1:])
			}
		}
	}
	usage(os.Stderr)
	if len(args) > 0 && (args[0] == "help" || args[0] == "-h" || args[0] == "--help") {
		return 0
	}
	return 2
}

func usage(w io.Writer) {
	fmt.Fprint(w, "Waterbear is a distributed SQL engine that finishes the query.\n\nUsage: waterbear COMMAND [flags]\n\n")
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(w, "  %-8s %s\n", c.name, c.help)
		}
	}
	fmt.Fprint(w, "\nwaterbear COMMAND --help shows a command's flags.\n")
}

// parse reads a command's flags; ok is false when the process shall end with the code.
func parse(fs *flag.FlagSet, args []string) (code int, ok bool) {
	fs.SetOutput(os.Stderr)
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0, false
	case err != nil:
		return 2, false
	case fs.NArg() > 0:
		fmt.Fprintf(os.Stderr, "waterbear %s: unexpected argument %q\n", fs.Name(), fs.Arg(0))
		return 2, false
	}
	return 0, true
}

// fail prints an error and returns the exit code for it.
func fail(command string, err error) int {
	fmt.Fprintf(os.Stderr, "waterbear %s: %v\n", command, err)
	return 1
}
