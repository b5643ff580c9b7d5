package hdfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/colinmarc/hdfs/v2"

	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// The Java exceptions that mean something to this package, without their packages.
const (
	fileNotFound     = "FileNotFoundException"
	fileExists       = "FileAlreadyExistsException"
	parentIsFile     = "ParentNotDirectoryException"
	notAllowed       = "AccessControlException"
	safeMode         = "SafeModeException"
	tryLater         = "RetriableException"
	spaceQuota       = "DSQuotaExceededException"
	namesQuota       = "NSQuotaExceededException"
	typeQuota        = "QuotaByStorageTypeExceededException"
	unknownException = ""
)

// serverError is an exception of a server.
type serverError interface {
	error
	hdfs.Error
}

// exception is the class of a server's exception, without its package.
func exception(err error) string {
	e, ok := errors.AsType[serverError](err)
	if !ok {
		return unknownException
	}
	return withoutPackage(e.Exception())
}

func withoutPackage(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// answered reports whether an error, or none, came as an answer, so that the next request can be made.
func answered(err error) bool {
	if err == nil {
		return true
	}
	if _, ok := errors.AsType[serverError](err); ok {
		return true
	}
	for _, e := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, syscall.ENOTEMPTY, store.ErrNotFound} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func isNotFound(err error) bool {
	class := exception(err)
	return errors.Is(err, fs.ErrNotExist) || class == fileNotFound || class == parentIsFile
}

// failed translates an error of the library in a session, which may be nil. op says what was done, in the words of a sentence:
// "read", "list".
func (s *Store) failed(ctx context.Context, in *session, err error, op string) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case isNotFound(err):
		return store.ErrNotFound
	case errors.Is(err, fs.ErrExist), exception(err) == fileExists:
		return store.ErrExists
	}
	if in != nil && !answered(err) {
		if why := in.failure(); why != nil {
			err = why
		}
	}
	translated := &trinoerr.Error{Code: trinoerr.GenericInternalError, Cause: err, Msg: fmt.Sprintf("%s in %s: %s", op, s.URI(), in.reason(err))}
	switch exception(err) {
	case notAllowed:
		translated.Cause = errors.Join(err, fs.ErrPermission)
	case spaceQuota, namesQuota, typeQuota:
		translated.Code = trinoerr.GenericInsufficientResources
	case safeMode, tryLater:
		return &store.ThrottledError{Err: translated}
	}
	return translated
}

// reason is what the server said, without the trace of the exception, or the error that kept its answer away.
func (s *session) reason(err error) string {
	e, ok := errors.AsType[serverError](err)
	switch {
	case ok && e.Exception() == "":
		return strings.TrimSpace(e.Desc() + ": " + describe("", e.Message()))
	case ok:
		return describe(e.Exception(), e.Message())
	case s == nil:
		return err.Error()
	}
	// The library says less than the name node when something is not allowed, and when it is no answer to its request that comes,
	// as a connection that is refused has no answers.
	denied := errors.Is(err, fs.ErrPermission)
	if said := s.said(); denied && strings.HasPrefix(said, notAllowed) || !denied && err.Error() == "unexpected sequence number" && said != "" {
		return said
	}
	return err.Error()
}
