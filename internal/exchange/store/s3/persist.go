package s3

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// Pauses between repetitions of a request: they double. The longest is short, as store.Store's users repeat too, and know better for how
// long; with the SDK's own 20 seconds, a server that is away would show only after minutes.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

// persist makes a request of an upload. When a part cannot be sent, all of the upload is lost with it, and whoever writes has nothing
// to begin it again with: so what the SDK calls final is repeated too, as often as it repeats others. Servers and what lies before
// them answer many a passing failure with a status of 400 or 403.
func (s *Store) persist(ctx context.Context, f func() error) error {
	for n, pause := 0, firstPause; ; n, pause = n+1, min(2*pause, longestPause) {
		err := f()
		if err == nil || n >= s.cfg.MaxErrorRetries || final(ctx, err) {
			return err
		}
		if after, ok := throttled(err); ok {
			pause = max(pause, min(after, longestCalm))
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// longestCalm bounds what a server may ask for.
const longestCalm = 10 * time.Second

// final reports whether repeating a request of an upload is of no use: it says something about the object, or has been repeated.
func final(ctx context.Context, err error) bool {
	if _, repeated := errors.AsType[*retry.MaxAttemptsError](err); repeated || ctx.Err() != nil {
		return true
	}
	switch code(err) {
	case codeNoSuchKey, codeNotFound, codeNoSuchUpload, codeExists, codeConflict:
		return true
	}
	return false
}

// errNotAnswered is the failure of a request whose answer is none of S3's, though its status says that all is well: that of a gateway,
// for example.
var errNotAnswered = errors.New("the answer lacks what it is for: perhaps it is not the server's")

// given checks that an answer has what was asked for.
func given(what *string) error {
	if aws.ToString(what) == "" {
		return errNotAnswered
	}
	return nil
}
