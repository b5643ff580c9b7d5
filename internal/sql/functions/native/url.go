package native

import (
	"encoding/hex"
	"net/url"
	"strings"
)

// urlFunctions take URLs apart and encode parts of them.
var urlFunctions = []Function{
	// URL, part: NULL when it is no URI, empty when it lacks the part.
	{"wb_url_part", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		u, ok := parseURI(a[0].(string))
		if !ok {
			return nil, nil
		}
		switch a[1].(string) {
		case "protocol":
			return u.scheme, nil
		case "host":
			return u.host, nil
		case "port":
			return u.port, nil
		case "path":
			return decodePercent(u.path), nil
		case "query":
			return decodePercent(u.query), nil
		}
		return decodePercent(u.fragment), nil
	}},
	// URL, name of a parameter. Names are compared as they are written.
	{"wb_url_parameter", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		u, ok := parseURI(a[0].(string))
		if !ok || u.query == "" {
			return nil, nil
		}
		for part := range strings.SplitSeq(u.query, "&") {
			if name, value, _ := strings.Cut(part, "="); name == a[1].(string) {
				return decodeForm(value)
			}
		}
		return nil, nil
	}},
	{"wb_url_encode", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(a[0].(string))), nil
	}},
	{"wb_url_decode", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) { return decodeForm(a[0].(string)) }},
}

// decodeForm reads what a form encodes: plus signs are blanks. Bytes that are no UTF-8 become replacement characters.
func decodeForm(s string) (any, error) {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) {
			return nil, invalidArgument("URLDecoder: Incomplete trailing escape (%%) pattern")
		}
		for _, c := range []byte(s[i+1 : i+3]) {
			if !isHex(c) {
				return nil, invalidArgument("URLDecoder: Illegal hex characters in escape (%%) pattern - not a hexadecimal digit: \"%c\" = %d", c, c)
			}
		}
	}
	return decodePercent(strings.ReplaceAll(s, "+", " ")), nil
}

// decodePercent replaces every escape, all of which are well-formed.
func decodePercent(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			var b [1]byte
			if _, err := hex.Decode(b[:], []byte(s[i+1:i+3])); err == nil {
				out = append(out, b[0])
			}
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return validText(out, "\uFFFD")
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
