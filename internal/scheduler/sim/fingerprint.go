package sim

import (
	"fmt"
	"hash/maphash"
	"reflect"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// seed is that of the fingerprints of this process.
var seed = maphash.MakeSeed()

// fingerprint returns a number that depends on every field of the actions, and on their order.
func fingerprint(actions []scheduler.Action) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, a := range actions {
		v := reflect.ValueOf(a)
		h.WriteString(v.Type().Name())
		mix(&h, v)
	}
	return h.Sum64()
}

// mix adds a value to the hash, with the lengths of what has one.
func mix(h *maphash.Hash, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			mix(h, v.Field(i))
		}
	case reflect.Slice:
		maphash.WriteComparable(h, v.Len())
		if v.IsNil() {
			h.WriteByte(0)
		}
		for i := range v.Len() {
			mix(h, v.Index(i))
		}
	case reflect.Pointer:
		if h.WriteByte(1); !v.IsNil() {
			mix(h, v.Elem())
		}
	case reflect.String:
		maphash.WriteComparable(h, v.Len())
		h.WriteString(v.String())
	case reflect.Bool:
		maphash.WriteComparable(h, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		maphash.WriteComparable(h, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		maphash.WriteComparable(h, v.Uint())
	case reflect.Float32, reflect.Float64:
		maphash.WriteComparable(h, v.Float())
	default:
		panic(fmt.Sprintf("no fingerprint of a %s", v.Type()))
	}
}
