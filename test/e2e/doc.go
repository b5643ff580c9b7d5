// Package e2e tests clusters of real processes from outside: queries over HTTP while workers are killed, frozen, stopped
// and added. The program under test is built once, in TestMain.
//
// The tests take minutes, so they are built with the tag e2e only:
//
//	go test -tags e2e ./test/e2e
//
// Start with main_test.go, which has what all tests share.
package e2e
