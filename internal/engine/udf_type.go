package engine

import (
	"fmt"
	"strconv"
	"strings"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// typeIDs are the types by their SQL names, and ANY.
var typeIDs = func() map[string]duckdb.Type {
	ids := map[string]duckdb.Type{"ANY": duckdb.TypeAny, "NULL": duckdb.TypeSQLNull}
	for id, name := range typeNames {
		ids[name] = duckdb.Type(id)
	}
	return ids
}()

// logicalOf makes the type that a native function's declaration describes in DuckDB's syntax: "BIGINT", "VARCHAR[]",
// "STRUCT(a BIGINT, b DOUBLE[])[]", "MAP(VARCHAR, BIGINT)", "DECIMAL(38, 0)", or ANY. The caller owns it.
func logicalOf(text string) (duckdb.LogicalType, error) {
	text = strings.TrimSpace(text)
	if elem, ok := strings.CutSuffix(text, "[]"); ok {
		e, err := logicalOf(elem)
		if err != nil {
			return e, err
		}
		defer duckdb.DestroyLogicalType(&e)
		return duckdb.CreateListType(e), nil
	}
	base, rest, nested := strings.Cut(text, "(")
	if id, ok := typeIDs[text]; ok {
		return duckdb.CreateLogicalType(id), nil
	}
	if !nested || !strings.HasSuffix(rest, ")") {
		return duckdb.LogicalType{}, fmt.Errorf("engine: %q is no type", text)
	}
	return nestedOf(base, types.SplitList(rest[:len(rest)-1]))
}

func nestedOf(base string, params []string) (duckdb.LogicalType, error) {
	if base == "DECIMAL" && len(params) == 2 {
		width, err1 := strconv.Atoi(params[0])
		scale, err2 := strconv.Atoi(params[1])
		if err1 == nil && err2 == nil {
			return duckdb.CreateDecimalType(uint8(width), uint8(scale)), nil
		}
	}
	var names []string
	var children []duckdb.LogicalType
	defer func() {
		for n := range children {
			duckdb.DestroyLogicalType(&children[n])
		}
	}()
	for _, p := range params {
		if base == "STRUCT" {
			name, typ, _ := strings.Cut(p, " ")
			names, p = append(names, name), typ
		}
		c, err := logicalOf(p)
		if err != nil {
			return c, err
		}
		children = append(children, c)
	}
	switch {
	case base == "STRUCT" && len(children) > 0:
		return duckdb.CreateStructType(children, names), nil
	case base == "MAP" && len(children) == 2:
		return duckdb.CreateMapType(children[0], children[1]), nil
	}
	return duckdb.LogicalType{}, fmt.Errorf("engine: %s(%s) is no type", base, strings.Join(params, ", "))
}
