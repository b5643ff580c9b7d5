// Package systemd speaks the two small protocols between a service and who starts it: sockets that are handed over at the
// start (LISTEN_FDS), and the word that the service is ready (NOTIFY_SOCKET). systemd is not the only one to speak them;
// package keeper does as well.
//
// A socket that was handed over outlives the process: while it is away, connections wait in the kernel instead of being refused.
// Start reading at Listeners. The package knows nothing of what is served.
package systemd
