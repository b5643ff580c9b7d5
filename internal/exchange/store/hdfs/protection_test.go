package hdfs

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/colinmarc/hdfs/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func TestProtection(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "authentication": "authentication", "Privacy": "privacy", "privacy, authentication": "authentication", "privacy,integrity": "integrity",
		"auth": "error", "privacy,": "error",
	} {
		got, err := resources{"dfs.data.transfer.protection": text}.protection()
		if err != nil && strings.Contains(err.Error(), "dfs.data.transfer.protection") {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %q (%v), want %q", text, got, err, want)
		}
	}
	if got, err := (resources{"dfs.encrypt.data.transfer": "TRUE", "dfs.data.transfer.protection": "authentication"}).protection(); got != "privacy" || err != nil {
		t.Errorf("with encryption: %q, %v", got, err)
	}
}

// answer is a data node's message, with its length before it.
func answer(t *testing.T, status protoreflect.EnumNumber, ciphers int) string {
	t.Helper()
	m, err := message("hdfs", "DataTransferEncryptorMessageProto")
	if err != nil {
		t.Fatal(err)
	}
	fields := m.Descriptor().Fields()
	m.Set(fields.ByName("status"), protoreflect.ValueOfEnum(status))
	for range ciphers {
		options := m.Mutable(fields.ByName("cipherOption")).List()
		option := options.NewElement()
		option.Message().Set(option.Message().Descriptor().Fields().ByName("suite"), protoreflect.ValueOfEnum(2))
		options.Append(option)
	}
	text, err := proto.Marshal(m.Interface())
	if err != nil {
		t.Fatal(err)
	}
	return string(rune(len(text))) + string(text)
}

// TestNegotiation plays beginnings of connections: what is sent begins with ">", what comes with "<".
func TestNegotiation(t *testing.T) {
	const open = ">\xDE\xAD\xBE\xEF\x02\x08\x00"
	response := func(qop string) string {
		return `>username="a=qop=auth", nonce="x", qop=` + qop + `, digest-uri="hdfs/0"`
	}
	aes, none, failed := answer(t, 0, 1), answer(t, 0, 0), answer(t, 1, 0)
	for _, tt := range []struct {
		name   string
		passes []string
		end    error
		want   error
	}{
		{"no negotiation", []string{">\x00\x1cQ", "<\x01"}, io.EOF, nil},
		{"negotiation wanted", []string{">\x00\x1cQ"}, io.EOF, errUnprotected},
		{"no Kerberos", []string{">\x00\x1cQ"}, io.EOF, nil},
		{"broken otherwise", []string{">\x00\x1cQ"}, net.ErrClosed, nil},
		{"authentication", []string{open, "<x", response("auth"), "<y"}, io.EOF, nil},
		{"integrity", []string{open, "<x", response("auth-int")}, nil, errIntegrity},
		{"AES", []string{open, "<x", response("auth-conf"), "<" + aes, "<more"}, nil, nil},
		{"AES, in pieces", []string{open, "<x", response("auth-conf"), "<" + aes[:1], "<" + aes[1:3], "<" + aes[3:]}, nil, nil},
		{"no AES, in pieces", []string{open, "<x", response("auth-conf"), "<" + none[:1], "<" + none[1:]}, nil, errNoAES},
		{"failed", []string{open, "<x", response("auth-conf"), "<" + failed}, nil, nil},
		{"nonsense", []string{open, "<x", response("auth-conf"), "<\x02\xff\xff"}, nil, nil},
	} {
		n := negotiation{secure: tt.name != "no Kerberos"}
		var err error
		for _, p := range tt.passes {
			if err != nil {
				t.Errorf("%s: %v before %q", tt.name, err, p)
			}
			if text := []byte(p[1:]); p[0] == '>' {
				err = n.sent(text)
			} else {
				err = n.came(text, nil)
			}
		}
		if tt.end != nil && err == nil {
			err = n.came(nil, tt.end)
		}
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// FuzzNegotiation lets a data node say anything.
func FuzzNegotiation(f *testing.F) {
	f.Add([]byte("\x02\x08\x00"), 1)
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), 3)
	f.Fuzz(func(t *testing.T, text []byte, piece int) {
		n := negotiation{stage: encrypted}
		piece = max(1, piece)
		for len(text) > 0 {
			p := text[:min(piece, len(text))]
			text = text[len(p):]
			if err := n.came(p, nil); err != nil && !errors.Is(err, errNoAES) {
				t.Error(err)
			}
		}
		if n.stage == settled && n.read != nil {
			t.Error("it keeps what it has read")
		}
	})
}

// TestCaller finds out what the library has not to be asked for in vain.
func TestCaller(t *testing.T) {
	near, far := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, far) }() // ends with near
	client, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{"h:1"}, User: "u",
		NamenodeDialFunc: func(context.Context, string, string) (net.Conn, error) { return near, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := caller(client); err != nil {
		t.Error(err)
	}
}
