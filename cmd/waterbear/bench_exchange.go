package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

const benchExchangeUsage = `Usage: waterbear bench exchange [flags]

Measures exchanges: how fast rows become bundles and come back, under every compression, with and without encryption, beside the same
bytes put to the storage and got from it as they are, in objects of the size of parts, and beside a copy on the local disk; how many
requests the tasks of a shuffle make; and what memory and disk a task takes that writes much more than it has. Bundles go to a
local directory, with --exchange-manager to the first base directory that such a file names, with --etc-dir to that of a node.
"written" is rows to files and pack together, "read" is unpack and files to rows; "checks" is the part of the processor time of
the whole shuffle that encryption and checksums take.

`

// benchExchange are the flags of `waterbear bench exchange`.
type benchExchange struct {
	dir, etc, file, format  string
	size, taskSize, taskMem int64
	partBytes               int64
	partitions, threads     int
}

// sizeFlag is a flag such as 20GB.
type sizeFlag struct{ n *int64 }

// String implements flag.Value.
func (f sizeFlag) String() string {
	if f.n == nil {
		return ""
	}
	return config.FormatSize(*f.n)
}

// Set implements flag.Value.
func (f sizeFlag) Set(text string) (err error) {
	*f.n, err = config.ParseSize(text)
	return err
}

func runBenchExchange(ctx context.Context, args []string) int {
	o := benchExchange{size: 256 << 20, taskSize: 2 << 30, taskMem: 512 << 20, partBytes: 32 << 10}
	fs := flag.NewFlagSet("bench exchange", flag.ContinueOnError)
	fs.StringVar(&o.dir, "dir", "", "local directory below which files are made, and removed again (default: that for temporary files)")
	fs.StringVar(&o.etc, "etc-dir", "", "configuration directory of a node whose exchange manager says where bundles go")
	fs.StringVar(&o.file, "exchange-manager", "", "file like exchange-manager.properties that says where bundles go")
	fs.Var(sizeFlag{&o.size}, "size", "about how large the table is that is shuffled")
	fs.IntVar(&o.partitions, "partitions", 50, "partitions, and tasks on each side of the shuffle whose requests are counted")
	fs.Var(sizeFlag{&o.partBytes}, "partition-size", "what each producer has for each consumer there")
	fs.Var(sizeFlag{&o.taskSize}, "task-size", "about how much the large task writes; 0B leaves it out")
	fs.Var(sizeFlag{&o.taskMem}, "task-memory", "memory limit of the large task")
	fs.IntVar(&o.threads, "threads", runtime.NumCPU(), "threads of a task")
	fs.StringVar(&o.format, "format", "text", strings.Join(bench.Formats, ", "))
	fs.Usage = func() {
		fmt.Fprint(fs.Output(), benchExchangeUsage)
		fs.PrintDefaults()
	}
	if code, ok := parse(fs, args); !ok {
		return code
	}
	if o.size < 1<<20 || o.partitions < 2 || o.partBytes < 1 || o.threads < 1 {
		return fail("bench", fmt.Errorf("--size must be at least 1MB, --partitions 2, --partition-size 1B and --threads 1"))
	}
	report, err := o.run(ctx)
	if err == nil {
		err = report.Write(os.Stdout, o.format)
	}
	if err != nil {
		return fail("bench", err)
	}
	return 0
}

// rowBytes is about what a row of the shuffled table takes in files that are not compressed.
const rowBytes = 35

func (o *benchExchange) run(ctx context.Context) (*bench.ExchangeReport, error) {
	dir, err := os.MkdirTemp(o.dir, "waterbear-exchange-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	scratch := filepath.Join(dir, "scratch")
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return nil, err
	}
	at, err := o.open(ctx, filepath.Join(dir, "spool"))
	if err != nil {
		return nil, err
	}
	defer at.close()
	st := at.store
	prefix := fmt.Sprintf("bench_%d/", time.Now().UnixNano())
	r := &bench.ExchangeReport{Setup: [][2]string{
		{"Machine", fmt.Sprintf("%s, %d cores, %.0f GB", cpuName(), runtime.NumCPU(), float64(config.LocalHost().MemoryBytes)/1e9)},
		{"Storage", st.URI()}, {"Parts", config.FormatSize(at.partBytes)}, {"Threads", fmt.Sprint(o.threads)}, {"Partitions", fmt.Sprint(o.partitions)}}}
	if o.taskSize > 0 { // first: the peak is that of the process
		fmt.Fprintln(os.Stderr, "running a large task")
		if r.Task, err = o.largeTask(ctx, st, slotExchange(at.exchange), filepath.Join(dir, "slot"), prefix); err != nil {
			return nil, err
		}
	}
	fmt.Fprintln(os.Stderr, "shuffling a table")
	r.Timings, err = bench.MeasureExchange(ctx, bench.ExchangeOptions{Store: st, Driver: at.driver, PartBytes: at.partBytes, Prefix: prefix, ScratchDir: scratch, Rows: o.size / rowBytes, Partitions: o.partitions,
		Threads: o.threads, Memory: max(3*o.size, 1<<30)})
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "counting requests")
	for _, consumers := range []int{o.partitions, max(1, o.partitions/5)} {
		q, err := bench.CountRequests(ctx, st, prefix, o.partitions, o.partitions, consumers, o.partBytes)
		if err != nil {
			return nil, err
		}
		r.Requests = append(r.Requests, q)
	}
	return r, nil
}

// benchStorage is where bundles go.
type benchStorage struct {
	store, driver store.Store // as slots have it, and with nothing around it
	exchange      *config.Exchange
	partBytes     int64
	close         func() error
}

// localPart is the size of the pieces that a local directory is measured with.
const localPart = 4 << 20

// open opens the storage: the configured one, or a local directory.
func (o *benchExchange) open(ctx context.Context, dir string) (*benchStorage, error) {
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	if cfg == nil {
		st, err := local.New(dir)
		if err != nil {
			return nil, err
		}
		return &benchStorage{store: st, driver: st, partBytes: localPart, close: st.Close}, nil
	}
	stores := openStores(cfg, "")
	at := &benchStorage{exchange: cfg.Exchange, partBytes: cfg.Exchange.BufferBytes(), close: stores.Close}
	base := cfg.Exchange.BaseDirectories[0]
	if at.store, err = stores.Open(ctx, base); err == nil {
		at.driver, err = stores.Driver(ctx, base)
	}
	if err != nil {
		stores.Close()
		return nil, err
	}
	return at, nil
}

// load reads the configuration; nil: there is none.
func (o *benchExchange) load() (cfg *config.Config, err error) {
	switch {
	case o.file != "" && o.etc != "":
		return nil, fmt.Errorf("--exchange-manager and --etc-dir exclude each other")
	case o.file != "":
		cfg = config.Defaults(config.LocalHost())
		cfg.Exchange, err = config.LoadExchange(o.file, config.LocalHost())
	case o.etc != "":
		if cfg, err = config.Load(o.etc, config.LocalHost()); err == nil && cfg.Exchange == nil {
			err = fmt.Errorf("%s has no exchange-manager.properties", o.etc)
		}
	}
	return cfg, err
}
