// Package format prints query results in the formats of Trino's command line client, byte for byte.
//
// Rows come as the JSON text of the protocol and are read without losing anything: the order of map entries, the digits of
// numbers. It knows nothing of HTTP, terminals or sessions. Start with New; value.go says how a value becomes text.
package format
