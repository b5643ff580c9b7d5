package coordinator

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan"
	"github.com/waterbear-sql/waterbear/internal/plan/adaptive"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
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
}

// basisOf is what Replan is told, as the journal keeps it.
func basisOf(all []adaptive.Stage, first int) *replanBasis {
	out := &replanBasis{First: first}
	for _, s := range all {
		out.Stages = append(out.Stages, stageBasis{s.ID, s.Started, s.Measured})
	}
	return out
}

// stages is the inverse of basisOf.
func (b *replanBasis) stages(r *replanner) ([]adaptive.Stage, error) {
	var out []adaptive.Stage
	for _, s := range b.Stages {
		f, ok := r.fragments[s.ID]
		if !ok {
			return nil, fmt.Errorf("no fragment %d", s.ID)
		}
		out = append(out, adaptive.Stage{Fragment: f, Started: s.Started, Measured: s.Measured})
	}
	return out, nil
}

// statisticsRecord remembers what connectors have answered, and answers so again. Once it is closed it asks nobody.
type statisticsRecord struct {
	ask func(*plan.Scan) (connector.Statistics, bool) // nil: closed

	mu      sync.Mutex
	answers map[string]connector.Statistics // by what scanKeyOf says
	none    map[string]bool
}

// of answers for a scan.
func (r *statisticsRecord) of(s *plan.Scan) (connector.Statistics, bool) {
	key := scanKeyOf(s)
	r.mu.Lock()
	answer, ok := r.answers[key]
	known := ok || r.none[key] || r.ask == nil
	r.mu.Unlock()
	if known {
		return answer, ok
	}
	answer, ok = r.ask(s)
	r.mu.Lock()
	defer r.mu.Unlock()
	if ok {
		r.answers[key] = answer
	} else {
		r.none[key] = true
	}
	return answer, ok
}

func newStatisticsRecord(ask func(*plan.Scan) (connector.Statistics, bool)) *statisticsRecord {
	return &statisticsRecord{ask: ask, answers: map[string]connector.Statistics{}, none: map[string]bool{}}
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
	r.mu.Lock()
	answers := maps.Clone(r.answers)
	r.mu.Unlock()
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(answers); err != nil {
		return nil, fmt.Errorf("encode statistics: %w", err)
	}
	return buf.Bytes(), nil
}

// decodeStatistics is the inverse of encode. The record is closed.
func decodeStatistics(data []byte) (*statisticsRecord, error) {
	r := newStatisticsRecord(nil)
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&r.answers); err != nil {
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
			out[int(st.ID)] = adaptive.Size{Rows: st.Rows, Bytes: st.Bytes}
		}
	}
	return out
}
