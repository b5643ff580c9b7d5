package native

import (
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"net/url"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// encodingFunctions are encodings, digests and URLs.
var encodingFunctions = []Function{
	{"wb_from_hex", params("VARCHAR"), "BLOB", decoder(func(s string) ([]byte, error) { return hex.DecodeString(s) })},
	{"wb_from_base64", params("VARCHAR"), "BLOB", decoder(func(s string) ([]byte, error) {
		return base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	})},
	{"wb_from_base64url", params("VARCHAR"), "BLOB", decoder(func(s string) ([]byte, error) {
		return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
	})},
	{"wb_from_base32", params("VARCHAR"), "BLOB", decoder(func(s string) ([]byte, error) {
		return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(s, "="))
	})},
	{"wb_to_base64url", params("BLOB"), "VARCHAR", func(a []any) (any, error) {
		return base64.URLEncoding.EncodeToString(a[0].([]byte)), nil
	}},
	{"wb_to_base32", params("BLOB"), "VARCHAR", func(a []any) (any, error) {
		return base32.StdEncoding.EncodeToString(a[0].([]byte)), nil
	}},
	{"wb_sha512", params("BLOB"), "BLOB", func(a []any) (any, error) {
		sum := sha512.Sum512(a[0].([]byte))
		return sum[:], nil
	}},
	{"wb_xxhash64", params("BLOB"), "BLOB", func(a []any) (any, error) {
		return binary.BigEndian.AppendUint64(nil, xxhash.Sum64(a[0].([]byte))), nil
	}},
	{"wb_crc32", params("BLOB"), "BIGINT", func(a []any) (any, error) {
		return int64(crc32.ChecksumIEEE(a[0].([]byte))), nil
	}},
	{"wb_url_part", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		u, err := url.Parse(a[0].(string))
		if err != nil {
			return nil, nil
		}
		switch a[1].(string) {
		case "protocol":
			return u.Scheme, nil
		case "host":
			return u.Hostname(), nil
		case "port":
			return u.Port(), nil
		case "path":
			return u.Path, nil
		case "query":
			q, err := url.QueryUnescape(strings.ReplaceAll(u.RawQuery, "+", "%2B"))
			if err != nil {
				return nil, nil
			}
			return q, nil
		}
		return u.Fragment, nil
	}},
	{"wb_url_parameter", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		u, err := url.Parse(a[0].(string))
		if err != nil {
			return nil, nil
		}
		for part := range strings.SplitSeq(u.RawQuery, "&") {
			name, value, _ := strings.Cut(part, "=")
			if n, err := url.PathUnescape(name); err == nil && n == a[1].(string) {
				v, err := url.PathUnescape(value)
				if err != nil {
					return nil, nil
				}
				return v, nil
			}
		}
		return nil, nil
	}},
	{"wb_url_encode", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(a[0].(string))), nil
	}},
	{"wb_url_decode", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		s, err := url.QueryUnescape(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "%s", err)
		}
		return s, nil
	}},
}

// decoder makes a function of a decoding.
func decoder(decode func(string) ([]byte, error)) func([]any) (any, error) {
	return func(a []any) (any, error) {
		b, err := decode(a[0].(string))
		if err != nil {
			return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "%s", err)
		}
		return b, nil
	}
}
