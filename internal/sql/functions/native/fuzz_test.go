package native

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// parsers are the functions that read one text.
var parsers = []string{"wb_parse_duration", "wb_parse_data_size", "wb_parse_ip", "wb_parse_uuid", "wb_url_decode", "wb_soundex",
	"wb_luhn_check", "wb_color"}

// FuzzParsers checks that readers of texts neither panic nor fail with anything but a user's error.
func FuzzParsers(f *testing.F) {
	for _, s := range []string{"3.81 d", "2.3MB", "::ffff:1.2.3.4", "12151fd2-7586-11e9-8f9e-2a86e4085a59", "a%20b+c", "Pfister", "79927398713", "#abc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		for _, name := range parsers {
			v, err := byName(t, name).Call([]any{s})
			if err != nil && trinoerr.CodeOf(err) == nil {
				t.Fatalf("%s(%q): %v", name, s, err)
			}
			if text, ok := v.(string); ok && !utf8.ValidString(text) {
				t.Fatalf("%s(%q) is invalid text %q", name, s, text)
			}
		}
	})
}

// FuzzURL checks that the parts of a URI are in it, and that what is not one has none.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"http://user@host:80/p?q#f", "mailto:a@b", "//[::1%1]:1/", "a/b:c", "http:///%41", "x://a_b:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, ok := parseURI(s)
		if !ok || !utf8.ValidString(s) {
			return
		}
		for _, part := range []string{u.scheme, u.host, u.path, u.query, u.fragment} {
			if !strings.Contains(s, part) {
				t.Fatalf("%q is no part of %q", part, s)
			}
		}
	})
}

// FuzzNetwork checks that a network contains its own address.
func FuzzNetwork(f *testing.F) {
	f.Add("10.0.0.0", "8")
	f.Add("2001:db8::", "32")
	f.Fuzz(func(t *testing.T, address, prefix string) {
		v, ok := parseIP(address)
		contains, err := networkContains(address+"/"+prefix, v[:])
		if err == nil && (!ok || contains != true) {
			t.Fatalf("%s/%s contains its address: %v", address, prefix, contains)
		}
	})
}
