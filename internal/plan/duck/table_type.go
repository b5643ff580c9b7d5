package duck

import "github.com/waterbear-sql/waterbear/internal/types"

// TableType returns the DuckDB type that a lowered statement expects of a column of a bound table: the physical type. What
// connectors deliver in another form is converted where it is bound.
func TableType(t types.Type) string { return physical(t) }
