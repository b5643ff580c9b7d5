package connectortest

import (
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
)

// rewrites runs the procedures that write rows anew: they change no row. A rewrite of which several attempts were made and that is finished
// twice is done once; one that is given up leaves nothing.
func rewrites(t *testing.T, h Harness, procedure string) {
	c := h.New(t)
	defer c.Close()
	w := c.(connector.Rewriter)
	def := definition(h.Schema, "rewritten")
	must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
	var want []string
	for i := range 3 {
		fill(t, c, w, describe(t, c, def.Name), false, fmt.Sprintf("filled%d", i), oneRow(fmt.Sprint(i), "kept"))
		want = append(want, fmt.Sprintf("%d|kept", i)+tail)
	}
	table := func() *connector.Table { return describe(t, c, def.Name) }
	for _, p := range c.(connector.TableProcedures).TableProcedures() {
		if p.Name != procedure {
			continue
		}
		args := map[string]any{}
		for _, a := range p.Arguments {
			if a.Default != nil {
				args[a.Name] = a.Default
			}
		}
		old, err := p.Rewrite(t.Context(), table(), args, nil)
		must(t, err)
		if old == nil {
			t.Fatalf("%s finds nothing to do in three small files", procedure)
		}
		wantRows(t, read(t, c, old), want...)
		rows := "SELECT id, name, amount, day FROM (" + oneRow("0", "kept") + " UNION ALL " + oneRow("1", "kept") + " UNION ALL " + oneRow("2", "kept") + ")"
		handle, err := w.BeginRewrite(t.Context(), procedure, old, connector.RetriesEnabled, "given_up")
		must(t, err)
		attempt(t, c, handle, "given_up.0.0.0", rows)
		must(t, w.AbortWrite(t.Context(), handle))
		wantRows(t, read(t, c, table()), want...)

		handle, err = w.BeginRewrite(t.Context(), procedure, old, connector.RetriesEnabled, "rewritten")
		must(t, err)
		attempt(t, c, handle, "rewritten.0.0.0", rows)
		fragment := attempt(t, c, handle, "rewritten.0.0.1", rows)
		fill(t, c, w, table(), false, "beside", oneRow("3", "beside")) // which a rewrite does not undo
		must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
		must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
		must(t, w.AbortWrite(t.Context(), handle))
		wantRows(t, read(t, c, table()), append(want, "3|beside"+tail)...)
	}
	must(t, c.(connector.TableCreator).DropTable(t.Context(), table()))
}
