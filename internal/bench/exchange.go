package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// ExchangeOptions say what MeasureExchange does.
type ExchangeOptions struct {
	Store      store.Store
	Driver     store.Store // the same with nothing around it
	PartBytes  int64       // the size of its parts
	Prefix     string      // of the objects' keys
	ScratchDir string
	Rows       int64 // of the shuffled table, each of 32 bytes and a text
	Partitions int
	Threads    int
	Memory     int64
}

// Cost is what a step took.
type Cost struct {
	Wall, CPU time.Duration
	Bytes     int64 // that went through
}

// GBPerCore is how many gigabytes a second of one processor moves.
func (c Cost) GBPerCore() float64 { return rate(c.Bytes, c.CPU) }

// GBPerSecond is how many gigabytes a second by the clock moves.
func (c Cost) GBPerSecond() float64 { return rate(c.Bytes, c.Wall) }

func rate(bytes int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(bytes) / 1e9 / d.Seconds()
}

// ExchangeTiming is the shuffle of one table: rows to partition files, these to a bundle, and back.
type ExchangeTiming struct {
	Compression string
	Encrypted   bool
	Stored      int64 // bytes
	Write       Cost  // rows to Parquet files
	Pack        Cost  // files to a bundle in the store
	Unpack      Cost  // bundle to files in memory
	Read        Cost  // Parquet files to rows
	Put         Cost  // the same bytes to the storage as they are, in objects of the size of parts
	Get         Cost  // and back to memory
	CopyOut     Cost  // the same bytes to a file on the local disk
	CopyBack    Cost  // and back to memory
}

// Share is the part of the shuffle's processor time that encryption and checksums take: what packing and unpacking take over moving the same
// bytes as they are.
func (t *ExchangeTiming) Share() float64 {
	total := t.Write.CPU + t.Pack.CPU + t.Unpack.CPU + t.Read.CPU
	if total <= 0 {
		return 0
	}
	return float64(max(0, t.Pack.CPU-t.Put.CPU)+max(0, t.Unpack.CPU-t.Get.CPU)) / float64(total)
}

// codecs are those of exchange.compression-codec, by DuckDB's names.
var codecs = []struct{ name, duckdb string }{{"NONE", "uncompressed"}, {"LZ4", "lz4_raw"}, {"ZSTD", "zstd"}}

// MeasureExchange shuffles a table under every compression, with and without encryption.
func MeasureExchange(ctx context.Context, o ExchangeOptions) ([]ExchangeTiming, error) {
	db, err := engine.Open(ctx, engine.Config{MemoryLimit: o.Memory, Threads: o.Threads, ScratchDir: o.ScratchDir})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	// Keys that repeat, numbers and texts, as in real tables; made beforehand, so that making them is not measured.
	err = db.Exec(ctx, fmt.Sprintf(`CREATE TABLE rows AS SELECT range AS k, (hash(range) %% 100000)::INTEGER AS c, (hash(range + 7) %% 10000)::DECIMAL(12,2) AS price,
		hash(range) AS h, 'item ' || (hash(range) %% 5000) AS t, (hash(range * 3) %% %d)::INTEGER AS p FROM range(%d)`, o.Partitions, o.Rows))
	if err != nil {
		return nil, err
	}
	var out []ExchangeTiming
	for _, codec := range codecs {
		for _, key := range []*exchange.QueryKey{nil, exchange.NewQueryKey()} {
			t := ExchangeTiming{Compression: codec.name, Encrypted: key != nil}
			if err := t.measure(ctx, db, o, codec.duckdb, key); err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}

func (t *ExchangeTiming) measure(ctx context.Context, db *engine.Instance, o ExchangeOptions, codec string, key *exchange.QueryKey) error {
	dir := filepath.Join(o.ScratchDir, "files")
	defer os.RemoveAll(dir)
	defer o.Store.DeletePrefix(context.WithoutCancel(ctx), o.Prefix)
	var files []engine.ParquetFile
	err := timed(&t.Write, func() (err error) {
		files, err = db.WriteParquet(ctx, "SELECT * FROM rows", dir, engine.ParquetOptions{PartitionColumns: []string{"p"}, Compression: codec})
		return err
	})
	if err != nil {
		return err
	}
	var h exchange.Handle
	err = timed(&t.Pack, func() (err error) {
		h, err = pack(ctx, o, key, files)
		return err
	})
	if err != nil {
		return err
	}
	t.Stored = h.StoredBytes()
	var back []exchange.File
	err = timed(&t.Unpack, func() (err error) {
		r := &exchange.Reader{Key: key, Open: func(context.Context, string) (store.Store, error) { return o.Store, nil }}
		back, err = r.Files(ctx, exchange.Wanted{Handles: []*exchange.Handle{&h}, Partition: func(int) bool { return true }}, exchange.NewSpool(o.ScratchDir, 1<<40))
		return err
	})
	if err != nil {
		return err
	}
	err = timed(&t.Read, func() error { return readBack(ctx, db, back, o.Rows) })
	if err != nil {
		return err
	}
	raw := &bare{driver: o.Driver, prefix: o.Prefix, part: o.PartBytes, disk: filepath.Join(o.ScratchDir, "copy")}
	for _, step := range []struct {
		cost *Cost
		do   func() error
	}{
		{&t.Put, func() error { return raw.put(ctx, files) }},
		{&t.Get, func() error { return raw.get(ctx) }},
		{&t.CopyOut, func() error { return raw.copyOut(files) }},
		{&t.CopyBack, raw.copyBack},
	} {
		if err := timed(step.cost, step.do); err != nil {
			return err
		}
	}
	for _, c := range []*Cost{&t.Write, &t.Pack, &t.Unpack, &t.Read, &t.Put, &t.Get, &t.CopyOut, &t.CopyBack} {
		c.Bytes = h.Bytes()
	}
	return nil
}

func pack(ctx context.Context, o ExchangeOptions, key *exchange.QueryKey, files []engine.ParquetFile) (exchange.Handle, error) {
	w, err := exchange.NewWriter(ctx, exchange.WriterConfig{Store: o.Store, Prefix: o.Prefix, Producer: "bench.0.0.0", Key: key})
	if err != nil {
		return exchange.Handle{}, err
	}
	for _, f := range files {
		p, err := f.Partition()
		if err == nil {
			err = w.AddFile(p, f.Rows, f.Path)
		}
		if err != nil {
			w.Abort()
			return exchange.Handle{}, err
		}
	}
	return w.Close()
}

// readBack lets DuckDB read all columns of the files, which it closes.
func readBack(ctx context.Context, db *engine.Instance, files []exchange.File, rows int64) error {
	paths := ""
	for n, f := range files {
		if n > 0 {
			paths += ", "
		}
		paths += engine.QuoteText(db.Bind(f.File))
	}
	seen := int64(0)
	err := db.QueryChunks(ctx, "SELECT count(*), sum(k), sum(c), sum(price), max(h), max(t) FROM read_parquet(["+paths+"])", func(c *engine.Chunk) error {
		seen = int64(c.Columns[0].Integer(0).Lo)
		return nil
	})
	if err == nil && seen != rows {
		return fmt.Errorf("%d rows came back of %d", seen, rows)
	}
	return err
}

// timed measures a step. Processor time is that of the whole process.
func timed(c *Cost, step func() error) error {
	start, cpu := time.Now(), processorTime()
	err := step()
	c.Wall, c.CPU = time.Since(start), processorTime()-cpu
	return err
}

func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
