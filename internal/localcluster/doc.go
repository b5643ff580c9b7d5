// Package localcluster runs a cluster of processes on this machine: a coordinator and workers, each a child process with a
// configuration directory, a log file and a data directory of its own, as they would be on machines of their own.
//
// The embedded cluster of `waterbear dev`, the demo, the benchmarks and the end-to-end tests are made with it. It can also
// do to workers what fate does: kill, freeze, thaw, add and stop them. It knows a cluster only from outside: its
// files, its processes and its HTTP interface.
//
// Start with Start in cluster.go; layout.go says which files there are, process.go how a process is watched.
package localcluster
