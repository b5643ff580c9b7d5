package native

import (
	"github.com/waterbear-sql/waterbear/internal/rowpattern"
)

// patternFunctions find row patterns: of a spec and the columns of a partition, the rows of the result.
var patternFunctions = []Function{
	{"wb_match_recognize", params("VARCHAR", "VARCHAR[][]"),
		"STRUCT(r BIGINT[], n BIGINT[], l BOOLEAN[], s BOOLEAN[], f BIGINT[], c BIGINT[], o BIGINT[][])",
		func(a []any) (any, error) { return rowpattern.Call(a[0].(string), a[1].([]any)) }},
}
