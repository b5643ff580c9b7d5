package parser_test

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/sql/ast"
)

// dump returns a tree as text: a node is (Type@line:column field=value …), fields without a value are left out.
func dump(n ast.Node) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(n))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		dumpValue(b, v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			fmt.Fprintf(b, "%x", v.Bytes())
			return
		}
		b.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			dumpValue(b, v.Index(i))
		}
		b.WriteByte(']')
	case reflect.Pointer:
		if n, ok := reflect.TypeAssert[ast.Node](v); ok {
			dumpNode(b, n)
			return
		}
		dumpValue(b, v.Elem())
	default:
		fmt.Fprint(b, v.Interface())
	}
}

func dumpNode(b *strings.Builder, n ast.Node) {
	at := fmt.Sprintf("@%d:%d", n.Pos().Line, n.Pos().Column)
	switch n := n.(type) {
	case *ast.Identifier:
		if n.Delimited {
			fmt.Fprintf(b, "%q%s", n.Value, at)
		} else {
			b.WriteString(n.Value + at)
		}
		return
	case *ast.LongLiteral:
		b.WriteString(n.Text + at)
		return
	case *ast.StringLiteral:
		fmt.Fprintf(b, "'%s'%s", n.Value, at)
		return
	}
	v := reflect.ValueOf(n).Elem()
	b.WriteString("(" + v.Type().Name() + at)
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Type() == reflect.TypeFor[ast.Location]() || f.IsZero() {
			continue
		}
		b.WriteString(" " + v.Type().Field(i).Name + "=")
		dumpValue(b, f)
	}
	b.WriteByte(')')
}
