package native

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
)

// uri are the parts of a URI, undecoded; empty when they are missing.
type uri struct{ scheme, host, port, path, query, fragment string }

// parseURI reads a URI by RFC 2396 as java.net.URI does: characters outside of ASCII may stand unescaped, and an authority that
// is no server's is accepted but has neither a host nor a port.
func parseURI(s string) (u uri, ok bool) {
	rest, fragment, _ := strings.Cut(s, "#")
	if !allowed(fragment, uriChars) {
		return u, false
	}
	u.fragment = fragment
	if end := strings.IndexAny(rest, ":/?"); end >= 0 && rest[end] == ':' {
		u.scheme = rest[:end]
		if !isScheme(u.scheme) {
			return u, false
		}
		if rest = rest[end+1:]; !strings.HasPrefix(rest, "/") {
			return u, rest != "" && allowed(rest, uriChars) // opaque
		}
	}
	if after, found := strings.CutPrefix(rest, "//"); found {
		end := strings.IndexAny(after, "/?")
		if end < 0 {
			end = len(after)
		}
		switch authority := after[:end]; {
		case authority != "":
			if !u.authority(authority) {
				return u, false
			}
		case end == len(after) && len(rest)+len(u.scheme) == len(strings.TrimSuffix(s, "#"))-colon(u.scheme):
			return u, false // nothing follows
		}
		rest = after[end:]
	}
	u.path, u.query, _ = strings.Cut(rest, "?")
	return u, allowed(u.path, pathChars) && allowed(u.query, uriChars)
}

func colon(scheme string) int {
	if scheme == "" {
		return 0
	}
	return 1
}

func isScheme(s string) bool {
	for i, c := range []byte(s) {
		if !isLetter(c) && (i == 0 || !isDigit(c) && strings.IndexByte("+-.", c) < 0) {
			return false
		}
	}
	return s != ""
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// The characters beside letters, digits and escapes that parts may contain.
const (
	unreserved    = "_-!.~'()*"
	pathChars     = unreserved + ":@&=+$,;/"
	uriChars      = unreserved + ";/?:@&=+$,[]"
	registryChars = unreserved + "$,;:@&=+"
	userChars     = unreserved + ";:&=+$,"
	serverChars   = userChars + ".:@[]"
)

// allowed reports whether a text has no other characters than letters, digits, escapes, the given ones, and those outside of
// ASCII that are neither blanks nor control characters.
func allowed(s, chars string) bool {
	for i, r := range s {
		switch {
		case r == '%':
			if i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
				return false
			}
		case r >= 0x80:
			if unicode.IsControl(r) || unicode.In(r, unicode.Z) {
				return false
			}
		case !isLetter(byte(r)) && !isDigit(byte(r)) && strings.IndexByte(chars, byte(r)) < 0:
			return false
		}
	}
	return true
}

// authority reads a server with its port, or anything else that an authority may be.
func (u *uri) authority(s string) bool {
	registry := allowed(s, registryChars)
	chars := serverChars
	if strings.Contains(s, "]") {
		chars += "%"
	}
	server := s
	if strings.Contains(s, "]") {
		server = strings.ReplaceAll(s, "%", "") // a percent sign stands before the scope of an address
	}
	if (strings.Contains(s, "]") || !strings.Contains(s, "%")) && allowed(server, chars) && u.server(s) {
		return true
	}
	u.host, u.port = "", ""
	return registry
}

// server reads [user@]host[:port].
func (u *uri) server(s string) bool {
	if user, rest, found := strings.Cut(s, "@"); found {
		if !allowed(user, userChars) {
			return false
		}
		s = rest
	}
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return false
		}
		address, scope, scoped := strings.Cut(s[1:end], "%")
		a, err := netip.ParseAddr(address)
		if err != nil || !a.Is6() || scoped && !isScope(scope) {
			return false
		}
		u.host, s = s[:end+1], s[end+1:]
	} else {
		end := strings.IndexByte(s, ':')
		if end < 0 {
			end = len(s)
		}
		if u.host = s[:end]; !isIPv4(u.host) && !isHostname(u.host) {
			return false
		}
		s = s[end:]
	}
	if s == "" {
		return true
	}
	if s[0] != ':' {
		return false
	}
	if u.port = s[1:]; u.port == "" {
		return true
	}
	for _, c := range []byte(u.port) {
		if !isDigit(c) {
			return false
		}
	}
	n, err := strconv.ParseInt(u.port, 10, 32)
	u.port = strconv.FormatInt(n, 10)
	return err == nil
}

func isScope(s string) bool {
	for _, c := range []byte(s) {
		if !isLetter(c) && !isDigit(c) && c != '_' && c != '.' {
			return false
		}
	}
	return s != ""
}

func isIPv4(s string) bool {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n > 255 || !isDigit(p[0]) {
			return false
		}
	}
	return len(parts) == 4
}

// isHostname wants labels of letters, digits and hyphens; the last of several begins with a letter.
func isHostname(s string) bool {
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for i, l := range labels {
		if l == "" || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") {
			return false
		}
		for _, c := range []byte(l) {
			if !isLetter(c) && !isDigit(c) && c != '-' {
				return false
			}
		}
		if i > 0 && i == len(labels)-1 && !isLetter(l[0]) {
			return false
		}
	}
	return true
}
