package sqljson

import (
	"slices"
	"unicode/utf16"

	"github.com/waterbear-sql/waterbear/internal/sql/jsonpath"
)

// hashed returns an object with its members in the order in which Trino shows them: that of a Java HashMap to which they
// were added one by one.
func hashed(o *jsonpath.Object) *jsonpath.Object {
	if len(o.Keys) < 2 {
		return o
	}
	buckets := uint32(16)
	for n := len(o.Keys); n > int(buckets)*3/4; {
		buckets *= 2
	}
	order := make([]int, len(o.Keys))
	for n := range order {
		order[n] = n
	}
	// Growing the table keeps the order within a bucket.
	slices.SortStableFunc(order, func(a, b int) int {
		return int(bucket(o.Keys[a], buckets)) - int(bucket(o.Keys[b], buckets))
	})
	out := &jsonpath.Object{}
	for _, n := range order {
		out.Keys, out.Values = append(out.Keys, o.Keys[n]), append(out.Values, o.Values[n])
	}
	return out
}

// bucket is where Java's HashMap keeps a String.
func bucket(key string, buckets uint32) uint32 {
	var h uint32
	for _, unit := range utf16.Encode([]rune(key)) {
		h = 31*h + uint32(unit)
	}
	return (h ^ h>>16) & (buckets - 1)
}
