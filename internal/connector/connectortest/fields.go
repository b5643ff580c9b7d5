package connectortest

import (
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// fields checks a connector.FieldReader: fields within rows are columns of a scan.
func fields(t *testing.T, h Harness) {
	c := h.New(t)
	def := &connector.Table{Name: connector.SchemaTable{Schema: h.Schema, Table: "nested"}, Columns: []connector.Column{
		{Name: "id", Type: types.Of(types.BigInt)}, {Name: "r", Type: types.MustParse("row(x bigint, s row(p varchar, q bigint))")}}}
	w := c.(connector.Writer)
	handle, err := w.BeginWrite(t.Context(), def, true, connector.NoRetries, "nested")
	must(t, err)
	fragment := attempt(t, c, handle, "nested.0.0.0", "SELECT i::BIGINT AS id, CASE WHEN i <> 2 THEN {'f1': i * 10, 'f2': CASE WHEN i <> 3 THEN "+
		"{'f1': 'p' || i, 'f2': i} END} END AS r FROM range(1, 5) t(i)")
	must(t, w.FinishWrite(t.Context(), handle, [][]byte{fragment}))
	settle(t, c, handle)

	table := describe(t, c, def.Name)
	scan := scanOf(table)
	scan.Columns = []connector.Column{connector.FieldColumn(table.Columns[1], []int{1, 0}), table.Columns[0], connector.FieldColumn(table.Columns[1], []int{0})}
	wantRows(t, readScan(t, c, scan), "NULL|2|NULL", "NULL|3|30", "p1|1|10", "p4|4|40")
	drop(t, h, c, def.Name)
}
