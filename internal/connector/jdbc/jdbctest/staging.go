package jdbctest

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Staging checks what becomes of writes when their staging tables are lost, and when another coordinator finishes them once more, in a schema that is
// there and empty. Each connector that open makes is of another coordinator.
func Staging(t *testing.T, open func() connector.Connector, schema string, exec func(t testing.TB, statements ...string)) {
	const staging = ".tmp_waterbear_"
	lose := func(query string) { exec(t, "DROP TABLE "+schema+staging+query) }
	for i, tt := range []struct {
		name string
		// finished says that FinishWrite has been called once; after it comes what somebody else does.
		finished bool
		meddle   func(query string)
		// works says that FinishWrite then knows what to do; else it fails.
		works bool
		rows  []string
	}{
		{"finished twice", true, func(string) {}, true, []string{"7"}},
		{"staging lost before", false, lose, false, nil},
		{"staging emptied before", false, func(query string) { exec(t, "TRUNCATE TABLE "+schema+staging+query) }, false, nil},
		{"staging lost after", true, func(query string) {
			lose(query)
			exec(t, "DROP TABLE IF EXISTS "+schema+staging+query+"_n")
		}, false, []string{"7"}},
	} {
		for _, create := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, create %t", tt.name, create), func(t *testing.T) {
				must := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				c := open()
				query := fmt.Sprintf("s%d%t", i, create)
				table := &connector.Table{Name: connector.SchemaTable{Schema: schema, Table: "t_" + query}, Columns: []connector.Column{
					{Name: "n", Type: types.Of(types.Integer)}, {Name: "v", Type: types.Of(types.Integer)}}}
				if !create {
					must(c.(connector.TableCreator).CreateTable(t.Context(), table))
					table = describe(t, c, table.Name)
				}
				w := c.(connector.Writer)
				handle, err := w.BeginWrite(t.Context(), table, create, connector.RetriesEnabled, query)
				must(err)
				fragment := writeOne(t, w, handle)
				if tt.finished {
					must(w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
				}
				tt.meddle(query)
				c = open()
				w = c.(connector.Writer)
				err = w.FinishWrite(t.Context(), handle, [][]byte{fragment})
				if tt.works {
					must(err)
				} else if trinoerr.CodeOf(err) != trinoerr.JdbcNonTransientError || trinoerr.Retryable(err) {
					t.Errorf("FinishWrite gives %v, which is tried again: %t", err, trinoerr.Retryable(err))
				}
				described, err := c.Table(t.Context(), table.Name)
				must(err)
				if (described != nil) != (!create || tt.finished) {
					t.Fatalf("the table is %v", described)
				}
				if described != nil {
					if got := Texts(t, c, described, 1); !slices.Equal(got, tt.rows) {
						t.Errorf("rows are %q, want %q", got, tt.rows)
					}
					must(c.(connector.Settler).SettleWrite(t.Context(), handle))
					must(c.(connector.TableCreator).DropTable(t.Context(), described))
				} else {
					must(w.AbortWrite(t.Context(), handle))
				}
				if left, err := c.Tables(t.Context(), schema); err != nil || len(left) != 0 {
					t.Errorf("left are %v, %v", left, err)
				}
			})
		}
	}
}

// writeOne writes the row (1, 7) as the attempt "one".
func writeOne(t *testing.T, w connector.Writer, handle json.RawMessage) []byte {
	t.Helper()
	sink, err := w.Sink(t.Context(), handle, "one")
	if err != nil {
		t.Fatal(err)
	}
	batch := &connector.Batch{Rows: 1, Columns: []connector.Vector{{I32: []int32{1}}, {I32: []int32{7}}}}
	if _, err := sink.(connector.BatchSink).Write(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	fragment, err := sink.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fragment
}
