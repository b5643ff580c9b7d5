// Package clients drives the unmodified clients of Trino against a server: trino-cli, the JDBC driver, the Python client
// and trino-go-client. test/install-clients.sh installs what they need; the tests run it.
//
// WATERBEAR_URL names a running server with the catalogs tpch and memory; without it the tests start a protocol server of
// their own that gives canned answers, which shows that the protocol is right, but nothing of SQL. They fetch programs,
// so they are built with the tag e2e only:
//
//	go test -tags e2e ./test/clients
//
// Start with server_test.go.
package clients
