// Package journal is an append-only log of events in object storage, with one writer at a time.
//
// A Journal collects appended payloads and writes them in batches, each batch as one segment: an object that is created
// only if it does not exist. That is also the fence: a writer that takes over creates the next segment, and the writer
// before finds its next segment taken and stops with ErrFenced. No other agreement is needed.
//
// The format is described in docs/format/journal.md. The package does not know what is in a payload, and neither which
// storage there is: Store is all it needs. Start reading at Open; segment.go is the format.
package journal
