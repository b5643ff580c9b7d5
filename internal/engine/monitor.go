package engine

import (
	"sync"
	"time"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// Stats are figures of the statements since Open or Reset.
type Stats struct {
	Memory      int64   // what DuckDB held when the running statement was last looked at, in bytes
	PeakMemory  int64   // the most memory that DuckDB was seen to hold, in bytes
	PeakScratch int64   // the most that was seen spilled, in bytes
	Fraction    float64 // how much of the running statement DuckDB takes for done, 0 to 1; 0 when it cannot tell
	Scanned     int64   // rows that came from bound record batches
}

// Statements that end sooner are not sampled: they had no time to use much.
const (
	firstSample = 10 * time.Millisecond
	sampleEvery = 25 * time.Millisecond
)

const memoryQuery = `SELECT sum(memory_usage_bytes)::BIGINT, sum(temporary_storage_bytes)::BIGINT FROM duckdb_memory()`

// monitor samples the memory of an instance over a connection of its own while a statement runs. (DuckDB's own peak
// metrics cannot be used: they count what a spilling operator reserves twice and are never reset.) A sample takes 0.3 ms.
// It owns one goroutine per running statement, which the function that watch returns waits for.
type monitor struct {
	db        duckdb.Database
	conn      duckdb.Connection
	watched   duckdb.Connection // where statements run
	reclaimer reclaimer

	mu   sync.Mutex
	seen Stats
}

// watch samples until the returned function is called.
func (m *monitor) watch() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTimer(firstSample)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case now := <-t.C:
				m.sample()
				m.reclaimer.tick(now)
				t.Reset(sampleEvery)
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (m *monitor) sample() {
	if m.conn.Ptr == nil && duckdb.Connect(m.db, &m.conn) != duckdb.StateSuccess {
		return
	}
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.Query(m.conn, memoryQuery, &res) != duckdb.StateSuccess {
		return // out of memory, for example; the statement itself will say so
	}
	chunk := duckdb.FetchChunk(res)
	if chunk.Ptr == nil {
		return
	}
	defer duckdb.DestroyDataChunk(&chunk)
	value := func(n duckdb.IdxT) int64 {
		return *(*int64)(duckdb.VectorGetData(duckdb.DataChunkGetVector(chunk, n)))
	}
	memory, scratch := value(0), value(1)
	progress := duckdb.QueryProgress(m.watched)
	percent, _, _ := duckdb.QueryProgressTypeMembers(&progress)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen.Memory, m.seen.Fraction = memory, min(max(percent/100, 0), 1) // -1 is not known
	m.seen.PeakMemory = max(m.seen.PeakMemory, memory)
	m.seen.PeakScratch = max(m.seen.PeakScratch, scratch)
}

func (m *monitor) stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen
}

func (m *monitor) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = Stats{}
}

func (m *monitor) close() {
	if m.conn.Ptr != nil {
		duckdb.Disconnect(&m.conn)
	}
}
