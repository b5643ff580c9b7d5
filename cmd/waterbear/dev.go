package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
)

// errClusterEnded says that the keeper of an embedded cluster's coordinator has ended by itself.
var errClusterEnded = errors.New("the coordinator's keeper has ended")

// localClusterFlags adds the flags that describe an embedded cluster to a command.
func localClusterFlags(fs *flag.FlagSet, cfg *localcluster.Config, dataDir string) {
	fs.IntVar(&cfg.Workers, "workers", 3, "number of worker processes")
	fs.StringVar(&cfg.RetryPolicy, "retry-policy", "TASK", "what is run again after a failure: NONE, QUERY or TASK")
	fs.StringVar(&cfg.DataDir, "data-dir", dataDir, "directory for tables, logs and temporary files")
	fs.IntVar(&cfg.Slots, "slots", 0, "tasks that a worker runs at a time (default 2)")
	fs.IntVar(&cfg.Threads, "threads-per-task", 0, "threads of a task (default: one for each core, at most 4)")
	cfg.Properties = map[string]string{}
	fs.Var(pairs(cfg.Properties), "property", "name=value for config.properties of all nodes; can be repeated")
}

// checkLocalCluster reports values of the flags that make no sense.
func checkLocalCluster(cfg *localcluster.Config) error {
	cfg.RetryPolicy = strings.ToUpper(cfg.RetryPolicy)
	switch {
	case cfg.Workers < 0:
		return fmt.Errorf("--workers must not be negative, but is %d", cfg.Workers)
	case cfg.RetryPolicy != "NONE" && cfg.RetryPolicy != "QUERY" && cfg.RetryPolicy != "TASK":
		return fmt.Errorf("--retry-policy must be NONE, QUERY or TASK, but is %s", cfg.RetryPolicy)
	case cfg.DataDir == "":
		return errors.New("--data-dir must not be empty")
	case cfg.Slots < 0 || cfg.Threads < 0:
		return errors.New("--slots and --threads-per-task must not be negative")
	}
	return nil
}

func runDev(ctx context.Context, args []string) int {
	var cfg localcluster.Config
	fs := flag.NewFlagSet("dev", flag.ContinueOnError)
	localClusterFlags(fs, &cfg, "data")
	fs.IntVar(&cfg.Port, "port", 8080, "port of the coordinator; 0 takes any free one")
	if code, ok := parse(fs, args); !ok {
		return code
	}
	err := checkLocalCluster(&cfg)
	if err == nil {
		err = serveDev(ctx, cfg)
	}
	if err != nil {
		return fail("dev", err)
	}
	return 0
}

// serveDev runs a cluster until ctx ends. Its coordinator is kept: killed, it comes back. A worker that ended is told of and not
// started again, and without the coordinator's keeper the cluster ends.
func serveDev(ctx context.Context, cfg localcluster.Config) error {
	cfg.Keep = true
	coordinatorEnded := make(chan struct{})
	cfg.Ended = func(e localcluster.Exit) {
		fmt.Fprintf(os.Stderr, "%s has ended: %s. Its log is %s.\n", e.Node, e.How, e.Log)
		if e.Node == localcluster.CoordinatorID {
			close(coordinatorEnded)
			return
		}
		fmt.Fprintf(os.Stderr, "Running queries go on without it. To start it again: %s server --etc-dir %s\n", os.Args[0], e.EtcDir)
	}
	c, err := localcluster.Start(ctx, cfg)
	if err != nil {
		return err
	}
	address := strings.TrimPrefix(c.URL(), "http://")
	fmt.Printf("Waterbear is running: %s\n\n", c.URL())
	fmt.Printf("  coordinator, which is started again when it dies, and %d workers, retry policy %s\n", cfg.Workers, cfg.RetryPolicy)
	fmt.Printf("  logs in %s\n", c.LogDir())
	fmt.Printf("  shell:  %s sql --server %s\n", os.Args[0], address)
	fmt.Printf("  or any Trino client: trino --server %s, jdbc:trino://%s\n\n", c.URL(), address)
	fmt.Println("Ctrl-C ends it; tables in the data directory stay.")
	select {
	case <-ctx.Done():
		fmt.Println("\nending")
		return c.Close()
	case <-coordinatorEnded:
		return errors.Join(errClusterEnded, c.Close())
	}
}
