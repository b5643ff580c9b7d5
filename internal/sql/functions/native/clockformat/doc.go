// Package clockformat prints and parses dates and times by patterns: the letters of Joda-Time's DateTimeFormat, the
// specifiers of MySQL's DATE_FORMAT, and the forms of ISO 8601. All of them become the same list of elements.
//
// Start with Pattern. Times are milliseconds since 1970-01-01 as a clock shows them, in the proleptic Gregorian calendar.
// The package knows nothing of SQL types or zones' rules beyond package types' Zone.
package clockformat
