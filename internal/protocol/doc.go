// Package protocol serves Trino's client REST protocol: POST a statement, follow nextUri until there is none.
//
// It translates between HTTP and the [Dispatcher] that the coordinator implements: headers into a [Session], a
// [ResultPage] into JSON, session changes into response headers, a vanished client into a cancelled query. It knows
// nothing of parsing, planning or execution, and it never looks inside the rows: they arrive as rendered JSON and are
// copied into the response.
//
// Start with dispatcher.go (the contract), then statement.go (the life of one client's query).
package protocol
