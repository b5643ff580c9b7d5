package connectortest

import (
	"fmt"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// oddNames are names that have to be quoted, or look like something else.
var oddNames = []string{"a b", "select", "it's", "ünïcödé", "表", "semi;colon--", "dot.ted", "100%", "back`tick"}

// names checks that tables and columns of any name work, in everything that is done with them.
func names(t *testing.T, h Harness) {
	c := h.New(t)
	defer c.Close()
	list := oddNames
	if h.Names != nil {
		list = h.Names
	}
	for i, table := range list {
		def := &connector.Table{Name: connector.SchemaTable{Schema: h.Schema, Table: table}, Columns: []connector.Column{{Name: "id", Type: types.Of(types.BigInt)}}}
		for _, column := range list {
			def.Columns = append(def.Columns, connector.Column{Name: column, Type: types.VarcharN(10)})
		}
		must(t, c.(connector.TableCreator).CreateTable(t.Context(), def))
		values, columns, wanted := "", "", "1"
		for _, column := range list {
			columns += `, "` + column + `"`
			values += ", '" + string([]rune(column)[:1]) + "'"
			wanted += "|" + string([]rune(column)[:1])
		}
		insert(t, c, h.Schema, fmt.Sprintf("named%d", i), `INSERT INTO "`+table+`" (id`+columns+") VALUES (1"+values+")")
		if !h.Forgets {
			got, _ := answer(t, c, h.Schema, "SELECT id"+columns+` FROM "`+table+`" WHERE "`+list[0]+"\" = '"+string([]rune(list[0])[:1])+"'", true, false)
			wantRows(t, got, wanted)
		}
		must(t, c.(connector.TableCreator).DropTable(t.Context(), describe(t, c, def.Name)))
	}
}
