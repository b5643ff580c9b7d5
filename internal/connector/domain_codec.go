package connector

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Domains are written down as JSON for the coordinator that may have to enumerate the splits of a scan once more: those that it finds depend on
// them. A value is an object with one field, which is named for its Go type; NULL is null.

type domainJSON struct {
	Column      string            `json:"column"`
	Values      []json.RawMessage `json:"values,omitempty"`
	Low         *boundJSON        `json:"low,omitempty"`
	High        *boundJSON        `json:"high,omitempty"`
	NullAllowed bool              `json:"nullAllowed,omitempty"`
}

type boundJSON struct {
	Value     json.RawMessage `json:"value"`
	Inclusive bool            `json:"inclusive,omitempty"`
}

// valueTypes are the Go types of values that are compared, by the names under which they are written down.
var valueTypes = map[string]reflect.Type{
	"bool": reflect.TypeFor[bool](), "int64": reflect.TypeFor[int64](), "int128": reflect.TypeFor[types.Int128](), "string": reflect.TypeFor[string](),
	"bytes": reflect.TypeFor[[]byte](), "date": reflect.TypeFor[types.DateValue](), "time": reflect.TypeFor[types.TimeValue](), "timeTz": reflect.TypeFor[types.TimeTZValue](),
	"timestamp": reflect.TypeFor[types.TimestampValue](), "timestampTz": reflect.TypeFor[types.TimestampTZValue](), "intervalDt": reflect.TypeFor[types.IntervalDTValue](),
	"intervalYm": reflect.TypeFor[types.IntervalYMValue](), "uuid": reflect.TypeFor[types.UUIDValue](), "ipAddress": reflect.TypeFor[types.IPAddressValue](),
}

var typeNames = func() map[reflect.Type]string {
	out := map[reflect.Type]string{}
	for name, t := range valueTypes {
		out[t] = name
	}
	return out
}()

// EncodeDomains writes domains down, the same always in the same way. It fails for values of types that are not compared: arrays, maps, rows.
func EncodeDomains(domains []Domain) (json.RawMessage, error) {
	out := []domainJSON{}
	for _, d := range domains {
		x := domainJSON{Column: d.Column, NullAllowed: d.NullAllowed}
		for _, v := range d.Values {
			raw, err := encodeValue(v)
			if err != nil {
				return nil, err
			}
			x.Values = append(x.Values, raw)
		}
		for _, end := range []struct {
			from *Bound
			to   **boundJSON
		}{{d.Low, &x.Low}, {d.High, &x.High}} {
			if end.from == nil {
				continue
			}
			raw, err := encodeValue(end.from.Value)
			if err != nil {
				return nil, err
			}
			*end.to = &boundJSON{raw, end.from.Inclusive}
		}
		out = append(out, x)
	}
	return json.Marshal(out)
}

// DecodeDomains is the inverse of EncodeDomains.
func DecodeDomains(raw json.RawMessage) ([]Domain, error) {
	var in []domainJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, fmt.Errorf("decode domains: %w", err)
	}
	var out []Domain
	for _, x := range in {
		d := Domain{Column: x.Column, NullAllowed: x.NullAllowed}
		for _, raw := range x.Values {
			v, err := decodeValue(raw)
			if err != nil {
				return nil, err
			}
			d.Values = append(d.Values, v)
		}
		for _, end := range []struct {
			from *boundJSON
			to   **Bound
		}{{x.Low, &d.Low}, {x.High, &d.High}} {
			if end.from == nil {
				continue
			}
			v, err := decodeValue(end.from.Value)
			if err != nil {
				return nil, err
			}
			*end.to = &Bound{v, end.from.Inclusive}
		}
		out = append(out, d)
	}
	return out, nil
}

func encodeValue(v any) (json.RawMessage, error) {
	name := typeNames[reflect.TypeOf(v)]
	switch x := v.(type) {
	case nil:
		return json.RawMessage("null"), nil
	case float32: // JSON has no infinite numbers
		name, v = "real", strconv.FormatFloat(float64(x), 'g', -1, 32)
	case float64:
		name, v = "double", strconv.FormatFloat(x, 'g', -1, 64)
	}
	if name == "" {
		return nil, fmt.Errorf("encode domains: a value of type %T", v)
	}
	return json.Marshal(map[string]any{name: v})
}

func decodeValue(raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	var one map[string]json.RawMessage
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, fmt.Errorf("decode domains: %w", err)
	}
	for name, value := range one {
		if bits, ok := map[string]int{"real": 32, "double": 64}[name]; ok {
			var text string
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, fmt.Errorf("decode domains: %w", err)
			}
			f, err := strconv.ParseFloat(text, bits)
			if err != nil {
				return nil, fmt.Errorf("decode domains: %w", err)
			}
			if bits == 32 {
				return float32(f), nil
			}
			return f, nil
		}
		if t, ok := valueTypes[name]; ok && len(one) == 1 {
			v := reflect.New(t)
			if err := json.Unmarshal(value, v.Interface()); err != nil {
				return nil, fmt.Errorf("decode domains: %w", err)
			}
			return v.Elem().Interface(), nil
		}
	}
	return nil, fmt.Errorf("decode domains: no value: %.100s", raw)
}
