package engine

import "strings"

// QuoteName renders an identifier of DuckDB's SQL, whatever characters it has.
func QuoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// QuoteText renders a string literal of DuckDB's SQL. A backslash means itself there.
func QuoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
