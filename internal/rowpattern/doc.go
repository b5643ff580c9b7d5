// Package rowpattern finds row patterns: sequences of rows that a pattern of variables describes, as MATCH_RECOGNIZE and
// windows with a PATTERN ask for.
//
// A Spec says what to look for. Compile makes a Matcher of it, and Matcher.Partition takes the ordered rows of one
// partition, as columns of text, and tells for every row of the result where it and what its measures read stand. The package
// is pure and knows neither SQL text nor DuckDB: what conditions read arrives as columns, what measures read leaves as row
// numbers.
//
// Matching simulates all threads of a nondeterministic automaton at once, in their order of preference, and drops threads
// that no later condition can tell from a preferred one. So time is bounded by rows times pattern for conditions that see only
// the current row, its neighbours and the last rows of a variable. Start with Spec, then matcher.go.
package rowpattern
