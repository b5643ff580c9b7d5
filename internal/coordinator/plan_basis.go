package coordinator

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// planBasis is what a plan rests on beside its statement, its session and the tables: with it the same plan is made again.
type planBasis struct {
	// Statistics are the connectors' answers; see statisticsRecord.
	Statistics []byte `json:"statistics,omitempty"`
	Partitions int    `json:"partitions"` // of exchanges by hash
}

// replanBasis is what a change of plan rested on.
type replanBasis struct {
	First  int          `json:"first"`
	Stages []stageBasis `json:"stages"`
}

// stageBasis is a stage as it was when the plan was changed.
type stageBasis struct {
	ID       int            `json:"id"`
	Started  bool           `json:"started,omitempty"`
	Measured *adaptive.Size `json:"measured,omitempty"`
	// Columns are what was known of its output's columns, unless that was told with a change before.
	Columns []facts.Column `json:"columns,omitempty"`
}

// basisOf is what Replan is told, as the journal keeps it.
func (r *replanner) basisOf(all []adaptive.Stage, first int) *replanBasis {
	out := &replanBasis{First: first}
	for _, s := range all {
		b := stageBasis{ID: s.ID, Started: s.Started, Measured: s.Measured}
		if !r.journaled[s.ID] {
			b.Columns = s.Columns
		}
		out.Stages = append(out.Stages, b)
	}
	return out
}

// noteJournaled notes of which stages the journal knows the columns.
func (r *replanner) noteJournaled(b *replanBasis) {
	for _, s := range b.Stages {
		r.journaled[s.ID] = r.journaled[s.ID] || s.Columns != nil
	}
}

// stages is the inverse of basisOf.
func (b *replanBasis) stages(r *replanner) ([]adaptive.Stage, error) {
	var out []adaptive.Stage
	for _, s := range b.Stages {
		f, ok := r.fragments[s.ID]
		if !ok {
			return nil, fmt.Errorf("no fragment %d", s.ID)
		}
		if s.Columns != nil {
			r.columns[s.ID], r.journaled[s.ID] = s.Columns, true
		}
		out = append(out, adaptive.Stage{Fragment: f, Started: s.Started, Measured: s.Measured, Columns: r.columns[s.ID]})
	}
	return out, nil
}

// statisticsRecord remembers what connectors have answered, and answers so again. Once it is closed it asks nobody.
type statisticsRecord struct {
	ask      func(*plan.Scan) (connector.Statistics, bool)                  // nil: closed
	askOrder func(s *plan.Scan, column string) (connector.Clustering, bool) // nil: closed

	statistics answers[connector.Statistics] // by what scanKeyOf says
	clustering answers[connector.Clustering] // by that and the column
}

// answers are those to questions about scans.
type answers[T any] struct {
	mu    sync.Mutex
	known map[string]T
	none  map[string]bool
}

// get returns the answer to a question, which is asked if it is the first time; ask is nil if nobody is there to be asked.
func (a *answers[T]) get(key string, ask func() (T, bool)) (T, bool) {
	a.mu.Lock()
	answer, ok := a.known[key]
	done := ok || a.none[key] || ask == nil
	a.mu.Unlock()
	if done {
		return answer, ok
	}
	answer, ok = ask()
	a.mu.Lock()
	defer a.mu.Unlock()
	if ok {
		a.known[key] = answer
	} else {
		a.none[key] = true
	}
	return answer, ok
}

// all are the answers so far.
func (a *answers[T]) all() map[string]T {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.known)
}

// of answers what is in a scan's rows.
func (r *statisticsRecord) of(s *plan.Scan) (connector.Statistics, bool) {
	var ask func() (connector.Statistics, bool)
	if r.ask != nil {
		ask = func() (connector.Statistics, bool) { return r.ask(s) }
	}
	return r.statistics.get(scanKeyOf(s), ask)
}

// clusteringOf answers how a scan's rows lie by a column.
func (r *statisticsRecord) clusteringOf(s *plan.Scan, column string) (connector.Clustering, bool) {
	var ask func() (connector.Clustering, bool)
	if r.askOrder != nil {
		ask = func() (connector.Clustering, bool) { return r.askOrder(s, column) }
	}
	return r.clustering.get(scanKeyOf(s)+column, ask)
}

func newStatisticsRecord(ask func(*plan.Scan) (connector.Statistics, bool), order func(*plan.Scan, string) (connector.Clustering, bool)) *statisticsRecord {
	r := &statisticsRecord{ask: ask, askOrder: order}
	r.statistics.known, r.statistics.none = map[string]connector.Statistics{}, map[string]bool{}
	r.clustering.known, r.clustering.none = map[string]connector.Clustering{}, map[string]bool{}
	return r
}

// scanKeyOf names a scan by all that a connector knows of it.
func scanKeyOf(s *plan.Scan) string {
	raw, err := json.Marshal(s.Table)
	if err != nil { // then nothing is known of it
		raw = []byte(s.Table.Table.String())
	}
	sum := sha256.Sum256(append([]byte(s.Catalog+"\x00"), raw...))
	return string(sum[:16])
}

// encode writes the answers down. Their numbers may be infinite or none, which JSON does not have.
func (r *statisticsRecord) encode() ([]byte, error) {
	var buf bytes.Buffer
	to := gob.NewEncoder(&buf)
	if err := errors.Join(to.Encode(r.statistics.all()), to.Encode(r.clustering.all())); err != nil {
		return nil, fmt.Errorf("encode statistics: %w", err)
	}
	return buf.Bytes(), nil
}

// decodeStatistics is the inverse of encode. The record is closed.
func decodeStatistics(data []byte) (*statisticsRecord, error) {
	r := newStatisticsRecord(nil, nil)
	from := gob.NewDecoder(bytes.NewReader(data))
	if err := errors.Join(from.Decode(&r.statistics.known), from.Decode(&r.clustering.known)); err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.SerializationError, "decode statistics")
	}
	return r, nil
}

// basis is what the journal keeps so that a plan that may change can be made again; nil without a journal.
func (q *query) basis(p planned) *planBasis {
	if !q.c.journaled() || p.statistics == nil {
		return nil
	}
	answers, err := p.statistics.encode()
	if err != nil { // the plan will not change any more after a takeover
		q.c.log.Warn("statistics not journaled", "query", q.id, "err", err)
		return nil
	}
	return &planBasis{answers, p.partitions}
}

// measuredSizes are the sizes of the stages that have finished.
func measuredSizes(info scheduler.QueryInfo) map[int]adaptive.Size {
	out := map[int]adaptive.Size{}
	for _, st := range info.Stages {
		if st.State == scheduler.StageFinishedState {
			out[int(st.ID)] = adaptive.Size{Rows: st.Rows, Bytes: st.Bytes, Largest: st.Largest}
		}
	}
	return out
}
