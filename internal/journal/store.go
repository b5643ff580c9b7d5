package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Store is the storage that a journal needs. Names are slash-separated keys.
type Store interface {
	// Create writes a new object. If there is one already, it changes nothing and returns an error that is
	// fs.ErrExist. It must be atomic: nobody may see a part of the object, unless the machine crashes meanwhile.
	Create(ctx context.Context, name string, data []byte) error
	// Read returns the object, or an error that is fs.ErrNotExist.
	Read(ctx context.Context, name string) ([]byte, error)
	// List returns the names that begin with prefix, in any order.
	List(ctx context.Context, prefix string) ([]string, error)
	// Delete removes the object; it is no error if there is none.
	Delete(ctx context.Context, name string) error
}

// segmentName returns the key of a segment. Names sort as their numbers do.
func segmentName(prefix string, n uint64) string { return fmt.Sprintf("%s%020d.wbj", prefix, n) }

// listSegments returns the numbers of the segments there are, ascending. Other objects are ignored.
func listSegments(ctx context.Context, store Store, prefix string) ([]uint64, error) {
	names, err := store.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("list journal %s: %w", prefix, err)
	}
	var out []uint64
	for _, name := range names {
		digits, ok := strings.CutSuffix(strings.TrimPrefix(name, prefix), ".wbj")
		if !ok || len(digits) != 20 {
			continue
		}
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Newest returns the number of the last segment of a journal; 0 when there is none.
func Newest(ctx context.Context, store Store, prefix string) (uint64, error) {
	list, err := listSegments(ctx, store, prefix)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[len(list)-1], nil
}
