package connectortest

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// versions reads a table as it was between two writes.
func versions(t *testing.T, h Harness) {
	c := h.New(t)
	defer c.Close()
	w := c.(connector.Writer)
	def := definition(h.Schema, "versioned")
	fill(t, c, w, def, true, "first", oneRow("1", "first"))
	// The clock of whoever keeps the versions may count in whole milliseconds.
	time.Sleep(5 * time.Millisecond)
	between := time.Now().UTC().Format("2006-01-02 15:04:05.000000")
	time.Sleep(5 * time.Millisecond)
	fill(t, c, w, describe(t, c, def.Name), false, "second", oneRow("2", "second"))
	const all = "SELECT id FROM versioned"
	rows, _ := answer(t, c, h.Schema, all, true, false)
	wantRows(t, rows, "1", "2")
	for _, pointer := range []string{"TIMESTAMP '" + between + "'", "TIMESTAMP '" + between + " UTC'"} {
		rows, _ = answer(t, c, h.Schema, all+" FOR TIMESTAMP AS OF "+pointer, true, false)
		wantRows(t, rows, "1")
	}
	if _, err := bind(t.Context(), c, h.Schema, all+" FOR TIMESTAMP AS OF TIMESTAMP '1970-01-01 00:00:00 UTC'"); err == nil || trinoerr.CodeOf(err).Type != trinoerr.UserError {
		t.Errorf("of a time before the table there is an answer: %v", err)
	}
	must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, def.Name)))
}
