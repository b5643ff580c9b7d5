// Package rpc defines the services and messages between the processes of a cluster. The messages are generated into
// package rpcv1 from worker.proto.
package rpc

//go:generate protoc --go_out=rpcv1 --go_opt=paths=source_relative --connect-go_out=rpcv1 --connect-go_opt=paths=source_relative,simple worker.proto
