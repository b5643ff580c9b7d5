package metastore

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/thrift/lib/go/thrift"
)

// Structs travel as Thrift structs: a field with a tag `thrift:"n"` is field n, nil pointers, maps and slices are not there, and what
// comes and has no field is skipped. The types of fields follow from Go's: bool, int8 to int64, float64, string, []byte for binary,
// structs, pointers to these, and slices, arrays being none of them, and maps with texts as keys.

// maxNested bounds the depth of what is read.
const maxNested = 32

// structField is a field of a struct that travels.
type structField struct {
	id    int16
	index int
}

var structFields sync.Map // reflect.Type → []structField

func fieldsOf(t reflect.Type) []structField {
	if known, ok := structFields.Load(t); ok {
		return known.([]structField)
	}
	var fields []structField
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("thrift")
		id, err := strconv.ParseInt(tag, 10, 16)
		if !ok || err != nil {
			panic(fmt.Sprintf("metastore: %s.%s has no number", t, t.Field(i).Name))
		}
		fields = append(fields, structField{int16(id), i})
	}
	structFields.Store(t, fields)
	return fields
}

// wireType is the Thrift type of a Go type.
func wireType(t reflect.Type) thrift.TType {
	switch t.Kind() {
	case reflect.Pointer:
		return wireType(t.Elem())
	case reflect.Bool:
		return thrift.BOOL
	case reflect.Int8:
		return thrift.BYTE
	case reflect.Int16:
		return thrift.I16
	case reflect.Int32:
		return thrift.I32
	case reflect.Int64:
		return thrift.I64
	case reflect.Float64:
		return thrift.DOUBLE
	case reflect.String:
		return thrift.STRING
	case reflect.Struct:
		return thrift.STRUCT
	case reflect.Map:
		return thrift.MAP
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return thrift.STRING
		}
		return thrift.LIST
	}
	panic("metastore: " + t.String() + " cannot travel")
}

// writer writes values until something fails.
type thriftWriter struct {
	ctx context.Context
	out thrift.TProtocol
	err error
}

func (w *thriftWriter) do(f func() error) {
	if w.err == nil {
		w.err = f()
	}
}

func (w *thriftWriter) structure(v reflect.Value) {
	w.do(func() error { return w.out.WriteStructBegin(w.ctx, "") })
	for _, f := range fieldsOf(v.Type()) {
		field := v.Field(f.index)
		switch field.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice:
			if field.IsNil() {
				continue
			}
		}
		w.do(func() error { return w.out.WriteFieldBegin(w.ctx, "", wireType(field.Type()), f.id) })
		w.value(field)
		w.do(func() error { return w.out.WriteFieldEnd(w.ctx) })
	}
	w.do(func() error { return w.out.WriteFieldStop(w.ctx) })
	w.do(func() error { return w.out.WriteStructEnd(w.ctx) })
}

func (w *thriftWriter) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		w.value(v.Elem())
	case reflect.Bool:
		w.do(func() error { return w.out.WriteBool(w.ctx, v.Bool()) })
	case reflect.Int8:
		w.do(func() error { return w.out.WriteByte(w.ctx, int8(v.Int())) })
	case reflect.Int16:
		w.do(func() error { return w.out.WriteI16(w.ctx, int16(v.Int())) })
	case reflect.Int32:
		w.do(func() error { return w.out.WriteI32(w.ctx, int32(v.Int())) })
	case reflect.Int64:
		w.do(func() error { return w.out.WriteI64(w.ctx, v.Int()) })
	case reflect.Float64:
		w.do(func() error { return w.out.WriteDouble(w.ctx, v.Float()) })
	case reflect.String:
		w.do(func() error { return w.out.WriteString(w.ctx, v.String()) })
	case reflect.Struct:
		w.structure(v)
	case reflect.Map:
		w.do(func() error {
			return w.out.WriteMapBegin(w.ctx, wireType(v.Type().Key()), wireType(v.Type().Elem()), v.Len())
		})
		for it := v.MapRange(); it.Next(); {
			w.value(it.Key())
			w.value(it.Value())
		}
		w.do(func() error { return w.out.WriteMapEnd(w.ctx) })
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			w.do(func() error { return w.out.WriteBinary(w.ctx, v.Bytes()) })
			return
		}
		w.do(func() error { return w.out.WriteListBegin(w.ctx, wireType(v.Type().Elem()), v.Len()) })
		for i := range v.Len() {
			w.value(v.Index(i))
		}
		w.do(func() error { return w.out.WriteListEnd(w.ctx) })
	}
}

// readStruct reads a struct. Fields of other types than expected are an error.
func readStruct(ctx context.Context, in thrift.TProtocol, v reflect.Value, depth int) error {
	if depth == 0 {
		return fmt.Errorf("values are nested too deep")
	}
	if _, err := in.ReadStructBegin(ctx); err != nil {
		return err
	}
	for {
		_, kind, id, err := in.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return in.ReadStructEnd(ctx)
		}
		field := fieldOf(v, id)
		switch {
		case !field.IsValid():
			err = in.Skip(ctx, kind)
		case wireType(field.Type()) != kind:
			err = fmt.Errorf("field %d of %s comes as %s", id, strings.ToLower(v.Type().Name()), kind)
		default:
			err = readValue(ctx, in, field, depth-1)
		}
		if err == nil {
			err = in.ReadFieldEnd(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func fieldOf(v reflect.Value, id int16) reflect.Value {
	for _, f := range fieldsOf(v.Type()) {
		if f.id == id {
			return v.Field(f.index)
		}
	}
	return reflect.Value{}
}

// readValue reads a value into one that can be set.
func readValue(ctx context.Context, in thrift.TProtocol, v reflect.Value, depth int) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return readValue(ctx, in, v.Elem(), depth)
	case reflect.Bool:
		b, err := in.ReadBool(ctx)
		v.SetBool(b)
		return err
	case reflect.Int8:
		n, err := in.ReadByte(ctx)
		v.SetInt(int64(n))
		return err
	case reflect.Int16:
		n, err := in.ReadI16(ctx)
		v.SetInt(int64(n))
		return err
	case reflect.Int32:
		n, err := in.ReadI32(ctx)
		v.SetInt(int64(n))
		return err
	case reflect.Int64:
		n, err := in.ReadI64(ctx)
		v.SetInt(n)
		return err
	case reflect.Float64:
		f, err := in.ReadDouble(ctx)
		v.SetFloat(f)
		return err
	case reflect.String:
		s, err := in.ReadString(ctx)
		v.SetString(s)
		return err
	case reflect.Struct:
		return readStruct(ctx, in, v, depth)
	case reflect.Map:
		return readMap(ctx, in, v, depth)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b, err := in.ReadBinary(ctx)
		v.SetBytes(b)
		return err
	}
	return readList(ctx, in, v, depth)
}

// readMap reads a map. Memory is taken as entries come, not as many as are announced.
func readMap(ctx context.Context, in thrift.TProtocol, v reflect.Value, depth int) error {
	keys, values, n, err := in.ReadMapBegin(ctx)
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMap(v.Type()))
	if n > 0 && (keys != wireType(v.Type().Key()) || values != wireType(v.Type().Elem())) {
		return fmt.Errorf("a map from %s to %s comes", keys, values)
	}
	for range n {
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if err := readValue(ctx, in, key, depth); err != nil {
			return err
		}
		if err := readValue(ctx, in, value, depth); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	return in.ReadMapEnd(ctx)
}

func readList(ctx context.Context, in thrift.TProtocol, v reflect.Value, depth int) error {
	kind, n, err := in.ReadListBegin(ctx)
	if err != nil {
		return err
	}
	if n > 0 && kind != wireType(v.Type().Elem()) {
		return fmt.Errorf("a list of %s comes", kind)
	}
	list := reflect.MakeSlice(v.Type(), 0, min(n, 1024))
	for range n {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := readValue(ctx, in, item, depth); err != nil {
			return err
		}
		list = reflect.Append(list, item)
	}
	v.Set(list)
	return in.ReadListEnd(ctx)
}
