package types

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/types/wire"
)

// CanonicalJSON returns the one text that Trino keeps for a JSON value: no white space, keys sorted, the last of equal
// keys, numbers with a fraction or exponent as Java writes a double.
func CanonicalJSON(text string) (string, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", errMalformed
	}
	if _, err := dec.Token(); err != io.EOF {
		return "", errMalformed
	}
	return string(appendJSON(nil, v)), nil
}

func appendJSON(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return wire.AppendNull(dst)
	case bool:
		return wire.AppendBool(dst, v)
	case json.Number:
		return appendJSONNumber(dst, string(v))
	case string:
		return AppendJSONString(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, e)
		}
		return append(dst, ']')
	}
	object := v.(map[string]any)
	keys := make([]string, 0, len(object))
	for k := range object {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, CompareUTF16)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendJSONString(dst, k), ':')
		dst = appendJSON(dst, object[k])
	}
	return append(dst, '}')
}

// CompareUTF16 orders strings as Java does.
func CompareUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func appendJSONNumber(dst []byte, n string) []byte {
	if !strings.ContainsAny(n, ".eE") {
		if n == "-0" {
			n = "0"
		}
		return append(dst, n...)
	}
	f, _ := strconv.ParseFloat(n, 64) // out of range gives an infinity, which is what Trino keeps
	return wire.AppendDouble(dst, f)
}

// AppendJSONString appends a string as it stands within a JSON value; unlike the protocol, characters beyond the basic plane are
// escaped.
func AppendJSONString(dst []byte, s string) []byte {
	start := len(dst)
	dst = wire.AppendString(dst, s)
	if !bytes.ContainsFunc(dst[start:], func(r rune) bool { return r > 0xFFFF }) {
		return dst
	}
	quoted := string(dst[start:])
	dst = dst[:start]
	for _, r := range quoted {
		if r <= 0xFFFF {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		hi, lo := utf16.EncodeRune(r)
		for _, u := range [2]rune{hi, lo} {
			dst = append(dst, `\u`...)
			dst = append(dst, strings.ToUpper(strconv.FormatInt(int64(u), 16))...)
		}
	}
	return dst
}
