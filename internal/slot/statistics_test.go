package slot

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// The rows of an ANALYZE come back as the fragment; what counts is how many rows they describe.
func TestGatherStatistics(t *testing.T) {
	f := begin(t, nil)
	for _, tt := range []struct {
		sql, fragment string
		rows          int64
		fails         bool
	}{
		{`SELECT * FROM (VALUES (3::BIGINT, 'k=a', 5::BIGINT, NULL::VARCHAR), (4, NULL, NULL, 'x"')) v`, `[[3,"k=a",5,null],[4,null,null,"x\""]]`, 7, false},
		{"SELECT 0::BIGINT WHERE false", "[]", 0, false},
		{"SELECT 1::BIGINT, DATE '2020-01-01'", "", 0, true},
	} {
		task := &rpcv1.Task{Id: "q.0.0.0", Sql: tt.sql, Output: &rpcv1.Task_Write{Write: &rpcv1.WriteOutput{Catalog: "tpch", Statistics: true}}}
		f.send(&rpcv1.SlotMessage{Kind: &rpcv1.SlotMessage_Run{Run: task}})
		m := f.end()
		if (m.GetFailed() != nil) != tt.fails {
			t.Errorf("%s: %v", tt.sql, m)
		}
		if done := m.GetFinished(); done != nil && (string(done.Fragment) != tt.fragment || done.Stats.OutputRows != tt.rows) {
			t.Errorf("%s: %d rows, %s, want %d, %s", tt.sql, done.Stats.OutputRows, done.Fragment, tt.rows, tt.fragment)
		}
	}
	f.idle()
}
