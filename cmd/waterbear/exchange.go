package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// runExchange tells what lies in the exchange storage that nobody needs.
func runExchange(ctx context.Context, args []string) int {
	if len(args) == 0 || args[0] != "orphans" {
		fmt.Fprint(os.Stderr, "Usage: waterbear exchange orphans [flags]\n\nLists what queries have left in the exchange storage whose coordinators are dead.\n")
		return 2
	}
	fs := flag.NewFlagSet("exchange orphans", flag.ContinueOnError)
	etc := fs.String("etc-dir", "etc", "configuration directory of a node of a cluster that uses the storage")
	age := fs.Duration("older-than", 24*time.Hour, "how long ago the query must have begun, and its coordinator been seen last")
	remove := fs.Bool("remove", false, "remove them")
	if code, ok := parse(fs, args[1:]); !ok {
		return code
	}
	if *age < 0 {
		return fail("exchange orphans", fmt.Errorf("--older-than: %s", *age))
	}
	cfg, err := config.Load(*etc, config.LocalHost())
	if err != nil {
		return failStart("exchange orphans", err)
	}
	if cfg.Exchange == nil {
		return fail("exchange orphans", fmt.Errorf("%s/exchange-manager.properties: there is no exchange storage", *etc))
	}
	stores := openStores(cfg, "")
	defer stores.Close()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	o := orphanage{rules: exchange.OrphanRules{Now: time.Now(), Age: *age}, remove: *remove, out: w}
	fmt.Fprintln(w, "QUERY\tBASE DIRECTORY\tOBJECTS\tBYTES\tINTERRUPTED WRITES\tCOORDINATOR\tLAST SEEN")
	code := 0
	for _, base := range cfg.Exchange.BaseDirectories {
		if err := o.visit(ctx, stores, base); err != nil {
			w.Flush()
			code = fail("exchange orphans", fmt.Errorf("%s: %w", base, err))
		}
	}
	w.Flush()
	switch {
	case o.found == 0:
		fmt.Fprintln(os.Stderr, "No orphans.")
	case *remove:
		fmt.Fprintf(os.Stderr, "%d of %d removed.\n", o.removed, o.found)
	default:
		fmt.Fprintf(os.Stderr, "%d found. --remove removes them.\n", o.found)
	}
	return code
}

// orphanage goes through base directories.
type orphanage struct {
	rules          exchange.OrphanRules
	remove         bool
	out            io.Writer
	found, removed int
}

func (o *orphanage) visit(ctx context.Context, stores *store.Registry, base string) error {
	s, err := stores.Open(ctx, base)
	if err != nil {
		return err
	}
	orphans, err := exchange.FindOrphans(ctx, s, o.rules)
	if err != nil {
		return err
	}
	for _, run := range orphans {
		node, seen, interrupted := "unknown", "", "no"
		if run.Owner != nil {
			node, seen = run.Owner.Node+" ("+run.Owner.Environment+")", run.Owner.Seen.UTC().Format(time.DateTime)
		}
		if run.Interrupted {
			interrupted = "perhaps"
		}
		fmt.Fprintf(o.out, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", run.Run, base, run.Objects, run.Bytes, interrupted, node, seen)
	}
	o.found += len(orphans)
	if o.remove {
		n, err := exchange.RemoveOrphans(ctx, s, o.rules, orphans)
		o.removed += n
		return err
	}
	return nil
}
