// Package keeper runs a program as a child, keeps its listening sockets open, and starts it again when it dies.
//
// The sockets belong to the keeper: while the program is away, connections wait in the kernel, and whoever makes them notices a
// pause. Which end of the program is followed by what is decided in policy.go, a pure function; keeper.go carries it out. The
// package knows nothing of the program but its sockets, its end and its word that it is ready, see package systemd.
package keeper
