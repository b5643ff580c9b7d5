package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		i, err := Open(context.Background(), Config{MemoryLimit: 1 << 30, Threads: 2, ScratchDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		i.Close()
	}
}

func BenchmarkExecTiny(b *testing.B) {
	i := open(b, 0)
	for b.Loop() {
		if err := i.Exec(context.Background(), "SELECT 1"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReset(b *testing.B) {
	i := open(b, 0)
	for b.Loop() {
		if err := i.Reset(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScan measures how fast record batches enter DuckDB; the source itself only hands out prepared vectors.
func BenchmarkScan(b *testing.B) {
	i := open(b, 0)
	const rows = 4 << 20
	var numbers, texts connector.Vector
	bigints(&numbers, 0, 2048)
	for r := range 2048 {
		texts.AppendBytes(fmt.Appendf(nil, "Customer#%018d", r)[:9+r%19])
	}
	bytes := map[string]int{"number": 8, "text": len(texts.Data) / 2048}
	g := &generated{partitions: 8, rows: rows, columns: []func(*connector.Vector, int, int){
		func(v *connector.Vector, _, n int) { *v = numbers },
		func(v *connector.Vector, _, n int) { *v = texts },
	}}
	columns := []connector.Column{{Name: "number", Type: types.Of(types.BigInt)}, {Name: "text", Type: types.Of(types.Varchar)}}
	if err := i.BindBatches(context.Background(), "t", Table{Columns: columns, Source: g}); err != nil {
		b.Fatal(err)
	}
	for _, c := range columns {
		b.Run(c.Name, func(b *testing.B) {
			b.SetBytes(int64(rows * bytes[c.Name]))
			for b.Loop() {
				if err := i.Exec(context.Background(), "SELECT max("+c.Name+") FROM t"); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

func BenchmarkWriteParquet(b *testing.B) {
	const rows = 4 << 20
	for _, partitions := range []int{1, 16, 200} {
		b.Run(fmt.Sprint(partitions), func(b *testing.B) {
			i := open(b, 4<<30)
			b.SetBytes(rows * 32)
			var o ParquetOptions
			if partitions > 1 {
				o.PartitionColumns = []string{"p"}
			}
			n := 0
			for b.Loop() {
				n++
				_, err := i.WriteParquet(context.Background(),
					fmt.Sprintf("SELECT hash(range) %% %d AS p, range AS a, hash(range) AS h, range / 7e0 AS d, 'value' || range %% 1000 AS s FROM range(%d)", partitions, rows),
					filepath.Join(i.cfg.ScratchDir, fmt.Sprint("out", n)), o)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
