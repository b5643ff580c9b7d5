// Package rpc defines the services and messages between the processes of a cluster. The messages are generated into
// package rpcv1 from worker.proto.
package rpc

//go:generate go run ./generate worker.proto rpcv1
