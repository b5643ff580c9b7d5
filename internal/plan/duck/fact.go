package duck

import "slices"

// FactValue is the value that a sketch of facts sees of a column of an output, which has a type of DuckDB's: a BIGINT, or with text a VARCHAR.
// ok is false where there is none.
func FactValue(column, duckType string, text bool) (sql string, ok bool) {
	sql = ident(column)
	switch {
	case text:
		return sql, duckType == "VARCHAR"
	case duckType == "BIGINT":
		return sql, true
	case duckType == "DATE":
		return "(" + sql + " - DATE '1970-01-01')", true
	case slices.Contains([]string{"INTEGER", "SMALLINT", "TINYINT"}, duckType):
		return castTo(sql, "BIGINT"), true
	}
	return "", false
}
