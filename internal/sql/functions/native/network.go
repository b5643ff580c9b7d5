package native

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// networkFunctions are IP addresses, which are 16 bytes, and UUIDs.
var networkFunctions = []Function{
	{"wb_ip_text", params("BLOB"), "VARCHAR", func(a []any) (any, error) {
		return types.IPAddressValue(a[0].([]byte)).String(), nil
	}},
	{"wb_parse_ip", params("VARCHAR"), "BLOB", func(a []any) (any, error) {
		v, ok := parseIP(a[0].(string))
		if !ok {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast value to IPADDRESS: %s", a[0])
		}
		return v[:], nil
	}},
	{"wb_binary_ip", params("BLOB"), "BLOB", func(a []any) (any, error) {
		b := a[0].([]byte)
		switch len(b) {
		case 4:
			v := netip.AddrFrom4([4]byte(b)).As16()
			return v[:], nil
		case 16:
			return b, nil
		}
		return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Invalid IP address binary length: %d", len(b))
	}},
	{"wb_network_contains", params("VARCHAR", "BLOB"), "BOOLEAN", func(a []any) (any, error) {
		return networkContains(a[0].(string), a[1].([]byte))
	}},
	{"wb_parse_uuid", params("VARCHAR"), "VARCHAR", func(a []any) (any, error) { return parseUUID(a[0].(string)) }},
	{"wb_binary_uuid", params("BLOB"), "VARCHAR", func(a []any) (any, error) {
		b := a[0].([]byte)
		if len(b) != 16 {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Invalid UUID binary length: %d", len(b))
		}
		return types.UUIDValue(b).String(), nil
	}},
}

// parseIP reads an address; a zone after a percent sign does not count.
func parseIP(s string) (types.IPAddressValue, bool) {
	address, zone, zoned := strings.Cut(s, "%")
	if zoned && (zone == "" || !strings.Contains(address, ":")) {
		return types.IPAddressValue{}, false
	}
	v, err := types.ParseIPAddress(address)
	return v, err == nil
}

// networkContains tells whether an address is in a network, given by an address and the length of its prefix. The rest of an
// IPv4 network's address has to be zeros.
func networkContains(network string, address []byte) (any, error) {
	invalid := func(what string) (any, error) {
		return nil, trinoerr.New(trinoerr.InvalidFunctionArgument, "Invalid %s", what)
	}
	text, length, ok := strings.Cut(network, "/")
	if !ok {
		return invalid("CIDR")
	}
	base, ok := parseIP(text)
	if !ok {
		return invalid("network IP address")
	}
	prefix, err := strconv.ParseInt(length, 10, 32)
	if err != nil {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "For input string: \"%s\"", length)
	}
	size := 128
	if !strings.Contains(text, ":") {
		size = 32
	}
	if prefix < 0 {
		return invalid("prefix length")
	}
	if int(prefix) > size {
		return invalid("CIDR")
	}
	bits := 128 - size + int(prefix)
	if size == 32 && base != masked(base, bits) {
		return invalid("CIDR")
	}
	a, b := masked(base, bits), masked(types.IPAddressValue(address), bits)
	return bytes.Equal(a[:], b[:]), nil
}

// masked keeps the first bits of an address.
func masked(v types.IPAddressValue, bits int) types.IPAddressValue {
	for i := range v {
		switch keep := bits - 8*i; {
		case keep <= 0:
			v[i] = 0
		case keep < 8:
			v[i] &= 0xff << (8 - keep)
		}
	}
	return v
}

// parseUUID reads the usual form. The message for five hexadecimal numbers of other lengths is another one.
func parseUUID(s string) (any, error) {
	if v, err := types.ParseUUID(s); err == nil {
		return v.String(), nil
	}
	if parts := strings.Split(s, "-"); len(parts) == 5 && len(s) < 36 {
		numbers := true
		for _, p := range parts {
			_, err := strconv.ParseInt(p, 16, 64)
			numbers = numbers && err == nil
		}
		if numbers {
			return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Invalid UUID string length: %d", len(s))
		}
	}
	return nil, trinoerr.New(trinoerr.InvalidCastArgument, "Cannot cast value to UUID: %s", s)
}
