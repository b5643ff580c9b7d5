package ast

import "reflect"

var nodeType = reflect.TypeFor[Node]()

// Walk visits root and what lies below it in the order of the fields, parents first. It does not enter the children of a
// node for which visit returns false. Queries nested in expressions are entered too.
func Walk(root Node, visit func(Node) bool) {
	if isNil(root) || !visit(root) {
		return
	}
	Children(root, func(child Node) { Walk(child, visit) })
}

// Children calls visit for each direct child of n, in the order of the fields.
func Children(n Node, visit func(Node)) {
	if isNil(n) {
		return
	}
	v := reflect.ValueOf(n).Elem()
	for _, field := range v.Fields() {
		visitField(field, visit)
	}
}

func visitField(v reflect.Value, visit func(Node)) {
	switch v.Kind() {
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Uint8 || k == reflect.String {
			return
		}
		for i := range v.Len() {
			visitField(v.Index(i), visit)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Type().Implements(nodeType) {
			visit(v.Interface().(Node))
		}
	}
}

// isNil reports whether n holds nothing, be it a nil interface or a nil pointer.
func isNil(n Node) bool {
	return n == nil || reflect.ValueOf(n).IsNil()
}
