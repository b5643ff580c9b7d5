// Package cli is the command line client: an interactive shell and a batch mode that behave like Trino's own, so that
// habits and scripts carry over. It speaks to any server of the protocol.
//
// Start with Run. format/ prints results, client/ talks to the server, statements.go divides a script into statements.
package cli
