package azure

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// Limits of deleting.
const (
	maxBatch      = 256 // objects that a request deletes at most, by the protocol
	singleDeletes = 16  // at a time
	maxFailures   = 3   // before the rest is given up
)

// DeletePrefix implements store.Store. Besides objects it deletes blobs that only have blocks, and, in accounts with a
// hierarchical name space, the directories.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
	d := deletion{s: s, ctx: ctx}
	err := d.run(prefix, !s.account.noUnfinished.Load())
	if s.notListed(err) {
		err = d.run(prefix, false)
	}
	if err != nil && !errors.Is(err, errGivenUp) {
		d.failures = append(d.failures, err)
	}
	if len(d.failures) == 0 {
		d.directories(prefix)
	}
	return errors.Join(d.failures...)
}

// notListed reports whether a listing failed because it was to show blobs that only have blocks: accounts of some kinds do not. Once they have
// said so in plain words, they are not asked again; a mere 400 may have been something that passes.
func (s *Store) notListed(err error) bool {
	if bloberror.HasCode(err, bloberror.InvalidQueryParameterValue, bloberror.UnsupportedQueryParameter) || status(err) == http.StatusNotImplemented {
		s.account.noUnfinished.Store(true)
		return true
	}
	return status(err) == http.StatusBadRequest
}

// errGivenUp ends a listing whose objects cannot be deleted.
var errGivenUp = errors.New("given up")

// deletion is a call of DeletePrefix.
type deletion struct {
	s            *Store
	ctx          context.Context
	failures     []error
	hierarchical bool
	dirs         []string // names of directories
}

// run deletes what a listing shows.
func (d *deletion) run(prefix string, unfinished bool) error {
	include := container.ListBlobsInclude{UncommittedBlobs: unfinished}
	return d.s.pages(d.ctx, prefix, include, "list objects to delete", func(page []*container.BlobItem) error {
		var names, empty []string
		for _, b := range page {
			d.hierarchical = d.hierarchical || hierarchical(b)
			switch {
			case directory(b):
				d.dirs = append(d.dirs, *b.Name)
				continue
			case size(b) == 0:
				empty = append(empty, *b.Name)
			default:
				names = append(names, *b.Name)
			}
		}
		d.note(d.deleteAll(names))
		d.note(d.deleteEmpty(empty, unfinished))
		if d.ctx.Err() != nil || len(d.failures) > maxFailures {
			return errGivenUp
		}
		return nil
	})
}

func (d *deletion) note(err error) {
	if err != nil {
		d.failures = append(d.failures, err)
	}
}

// deleteAll deletes blobs in batches, and one by one those that a batch leaves.
func (d *deletion) deleteAll(names []string) error {
	for batch := range slices.Chunk(names, d.s.account.batchSize) {
		left := batch
		if !d.s.account.noBatches.Load() {
			var err error
			if left, err = d.deleteBatch(batch); err != nil {
				return err
			}
		}
		if err := store.DeleteEach(left, singleDeletes, func(name string) error { return d.s.deleteOne(d.ctx, name) }); err != nil {
			return err
		}
	}
	return nil
}

// deleteBatch deletes blobs with one request and returns those that are left.
func (d *deletion) deleteBatch(names []string) (left []string, err error) {
	b, err := d.s.client.NewBatchBuilder()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := b.Delete(name, nil); err != nil {
			return nil, err
		}
	}
	var answer *http.Response
	out, err := d.s.client.SubmitBatch(policy.WithCaptureResponse(d.ctx, &answer), b, nil)
	if answer != nil && answer.Body != nil {
		answer.Body.Close() // the SDK leaves it open, and with it the request's place in the queue
	}
	if err != nil {
		if d.ctx.Err() != nil || answered(err) != nil && !unknownRequest(err) {
			return nil, d.s.failed(d.ctx, err, "delete objects")
		}
		if answered(err) != nil {
			d.s.account.noBatches.Store(true)
		}
		return names, nil
	}
	deleted := make([]bool, len(names))
	for _, r := range out.Responses {
		if n := r.ContentID; n != nil && *n >= 0 && *n < len(names) && (r.Error == nil || missing(r.Error)) {
			deleted[*n] = true
		}
	}
	for n, name := range names {
		if !deleted[n] {
			left = append(left, name)
		}
	}
	return left, nil
}

// unknownRequest reports whether a server says that it does not know a request, or reads it otherwise than it was meant.
func unknownRequest(err error) bool {
	switch status(err) {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusConflict, http.StatusLengthRequired, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		return true
	}
	return false
}

// Delete implements store.Deleter.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.account.cfg.Keys.Check(key); err != nil {
		return err
	}
	return s.deleteOne(ctx, s.prefix+key)
}

func (s *Store) deleteOne(ctx context.Context, name string) error {
	_, err := s.client.NewBlobClient(name).Delete(ctx, nil)
	if err = s.failed(ctx, err, "delete an object"); errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// deleteEmpty deletes blobs that have no bytes. One that turns out not to exist may have blocks nevertheless.
func (d *deletion) deleteEmpty(names []string, unfinished bool) error {
	return store.DeleteEach(names, singleDeletes, func(name string) error {
		_, err := d.s.client.NewBlobClient(name).Delete(d.ctx, nil)
		if unfinished && (missing(err) || bloberror.HasCode(err, existing...)) {
			return d.dropBlocks(name)
		}
		if err = d.s.failed(d.ctx, err, "delete an object"); errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	})
}

// dropBlocks makes a blob where there are blocks only, which drops them, and deletes it.
func (d *deletion) dropBlocks(name string) error {
	c := d.s.client.NewBlockBlobClient(name)
	out, err := c.Upload(d.ctx, streaming.NopCloser(bytes.NewReader(nil)), &blockblob.UploadOptions{AccessConditions: conditions(true)})
	if bloberror.HasCode(err, existing...) {
		return nil // somebody is writing it
	}
	if err != nil {
		return d.s.failed(d.ctx, err, "drop blocks")
	}
	only := &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: out.ETag}}
	_, err = c.Delete(d.ctx, &blob.DeleteOptions{AccessConditions: only})
	if err = d.s.failed(d.ctx, err, "drop blocks"); errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

// conditions are those under which an object is written.
func conditions(ifAbsent bool) *blob.AccessConditions {
	if !ifAbsent {
		return nil
	}
	return &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: new(azcore.ETagAny)}}
}

// directories deletes the directories that were found, and the one that the prefix names, unless somebody has written into
// them meanwhile. Only empty ones can be deleted: inner ones go first.
func (d *deletion) directories(prefix string) {
	if d.hierarchical && strings.HasSuffix(prefix, "/") {
		d.dirs = append(d.dirs, d.s.prefix+strings.TrimSuffix(prefix, "/"))
	}
	slices.Sort(d.dirs)
	slices.Reverse(d.dirs)
	for _, name := range slices.Compact(d.dirs) {
		_, err := d.s.client.NewBlobClient(name).Delete(d.ctx, nil)
		if err == nil || missing(err) || status(err) == http.StatusConflict {
			continue
		}
		d.failures = append(d.failures, d.s.failed(d.ctx, err, "delete a directory"))
		return
	}
}

// Interrupted implements what store.Interrupted asks for: blobs that may only have blocks. They show as blobs without bytes, where the
// account lists them.
func (s *Store) Interrupted(ctx context.Context, f func(key string) error) error {
	if s.account.noUnfinished.Load() {
		return nil
	}
	var given error // by f
	err := s.pages(ctx, "", container.ListBlobsInclude{UncommittedBlobs: true}, "list unfinished objects", func(page []*container.BlobItem) error {
		for _, b := range page {
			if o, ok := s.object(b); ok && o.Size == 0 && given == nil {
				given = f(o.Key)
			}
		}
		return given
	})
	if given == nil && s.notListed(err) {
		return nil
	}
	return err
}
