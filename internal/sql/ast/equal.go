package ast

import (
	"reflect"
	"strings"
)

var (
	locationType   = reflect.TypeFor[Location]()
	identifierType = reflect.TypeFor[*Identifier]()
)

// Equal reports whether two trees mean the same: positions are ignored, and identifiers are compared as Trino compares
// them when it looks for a grouped expression in the SELECT list: a, A and "A" are equal, "a" is another one.
func Equal(a, b Node) bool { return equal(a, b, sameName) }

// Identical reports whether two trees are the same but for their positions; identifiers must be written alike.
func Identical(a, b Node) bool {
	return equal(a, b, func(x, y *Identifier) bool { return x.Value == y.Value && x.Delimited == y.Delimited })
}

// Canonical returns the identifier's value, in upper case unless it is delimited.
func (id *Identifier) Canonical() string {
	if id.Delimited {
		return id.Value
	}
	return strings.ToUpper(id.Value)
}

func sameName(x, y *Identifier) bool { return x.Canonical() == y.Canonical() }

func equal(a, b Node, same func(x, y *Identifier) bool) bool {
	if isNil(a) || isNil(b) {
		return isNil(a) && isNil(b)
	}
	return equalValues(reflect.ValueOf(a), reflect.ValueOf(b), same)
}

func equalValues(a, b reflect.Value, same func(x, y *Identifier) bool) bool {
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		if a.Type() == identifierType {
			return same(a.Interface().(*Identifier), b.Interface().(*Identifier))
		}
		return equalValues(a.Elem(), b.Elem(), same)
	case reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		return equalValues(a.Elem(), b.Elem(), same)
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !equalValues(a.Index(i), b.Index(i), same) {
				return false
			}
		}
		return true
	case reflect.Struct:
		if a.Type() == locationType {
			return true
		}
		for i := range a.NumField() {
			if !equalValues(a.Field(i), b.Field(i), same) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}
