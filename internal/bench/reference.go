package bench

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/engine"
)

// Reference is DuckDB in this process over the files of the cluster's tables.
type Reference struct {
	instance *engine.Instance
	scratch  string
}

// ReferenceConfig says what DuckDB may use.
type ReferenceConfig struct {
	Threads     int
	MemoryBytes int64
	// TableDir has a directory of Parquet files for each table.
	TableDir string
	// Tables are the names of the tables; nil: those of TPC-H.
	Tables []string
}

// OpenReference opens DuckDB with a view over the files of each table.
func OpenReference(ctx context.Context, cfg ReferenceConfig) (*Reference, error) {
	scratch, err := os.MkdirTemp("", "waterbear-duckdb")
	if err != nil {
		return nil, err
	}
	r := &Reference{scratch: scratch}
	dir, err := filepath.EvalSymlinks(cfg.TableDir)
	if err == nil {
		r.instance, err = engine.Open(ctx, engine.Config{MemoryLimit: cfg.MemoryBytes, Threads: cfg.Threads, ScratchDir: scratch, ReadDirs: dir})
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	if cfg.Tables == nil {
		cfg.Tables = Tables
	}
	for _, table := range cfg.Tables {
		if err := r.addTable(ctx, table, filepath.Join(dir, table)); err != nil {
			r.Close()
			return nil, fmt.Errorf("table %s: %w", table, err)
		}
	}
	return r, nil
}

func (r *Reference) addTable(ctx context.Context, table, dir string) error {
	files, err := dataFiles(dir)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no files in %s", dir)
	}
	paths := make([]string, len(files))
	for i, f := range files {
		path, err := r.instance.BindFile(f)
		if err != nil {
			return err
		}
		paths[i] = "'" + path + "'"
	}
	return r.instance.Exec(ctx, fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM read_parquet([%s])", table, strings.Join(paths, ", ")))
}

// dataFiles lists the files of a table. As in Hive, what begins with a dot or an underscore is no data.
func dataFiles(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := path != dir && strings.ContainsRune("._", rune(d.Name()[0]))
		switch {
		case d.IsDir() && hidden:
			return fs.SkipDir
		case !d.IsDir() && !hidden:
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// Run runs a query and returns the answer and how long it took, the fetching of all rows included.
func (r *Reference) Run(ctx context.Context, sql string) (*Answer, time.Duration, error) {
	begin := time.Now()
	rows, err := r.instance.Query(ctx, sql)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var a Answer
	for _, f := range rows.Fields {
		a.Columns = append(a.Columns, f.Name)
		a.kinds = append(a.kinds, kindOfDuckDB(&f.Type))
	}
	for {
		chunk, err := rows.Next()
		if err != nil {
			return nil, 0, err
		}
		if chunk == nil {
			return &a, time.Since(begin), nil
		}
		if err := a.addChunk(chunk); err != nil {
			return nil, 0, err
		}
	}
}

// Close releases DuckDB and its files.
func (r *Reference) Close() error {
	if r.instance != nil {
		r.instance.Close()
	}
	return os.RemoveAll(r.scratch)
}
