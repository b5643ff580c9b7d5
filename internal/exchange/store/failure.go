package store

import "time"

// ThrottledError is how a driver says that the storage wants fewer requests.
type ThrottledError struct {
	// After is how long the storage wants to be left alone; zero when it does not say.
	After time.Duration
	Err   error
}

// Error returns the storage's own words.
func (e *ThrottledError) Error() string { return e.Err.Error() }

// Unwrap returns the storage's error.
func (e *ThrottledError) Unwrap() error { return e.Err }

// FinalError is how a driver says that repeating a request is of no use, though nothing else in the error shows it.
type FinalError struct{ Err error }

// Error returns the text of the error itself.
func (e *FinalError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *FinalError) Unwrap() error { return e.Err }
