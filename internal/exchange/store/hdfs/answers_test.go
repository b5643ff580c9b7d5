package hdfs

import (
	"encoding/binary"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// reply is a name node's answer with so many bytes after its header.
func reply(t testing.TB, class, text string, more int) []byte {
	t.Helper()
	m, err := message("common", "RpcResponseHeaderProto")
	if err != nil {
		t.Fatal(err)
	}
	set := func(name protoreflect.Name, v protoreflect.Value) { m.Set(m.Descriptor().Fields().ByName(name), v) }
	set("callId", protoreflect.ValueOfUint32(1))
	set("status", protoreflect.ValueOfEnum(0))
	if class != "" {
		set("status", protoreflect.ValueOfEnum(1))
		set("exceptionClassName", protoreflect.ValueOfString(class))
		set("errorMsg", protoreflect.ValueOfString(text))
	}
	header, err := proto.Marshal(m.Interface())
	if err != nil {
		t.Fatal(err)
	}
	body := append(binary.AppendUvarint(nil, uint64(len(header))), header...)
	body = append(body, make([]byte, more)...)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// TestAnswers lets answers come in pieces of all sizes.
func TestAnswers(t *testing.T) {
	var all []byte
	for _, r := range [][]byte{
		reply(t, "", "", 300), reply(t, "java.io.IOException", "first", 0), reply(t, "", "", 0),
		reply(t, "a.b.AccessControlException", "a.b.AccessControlException: Permission denied: user=u\n\tat some.Class", 0), reply(t, "", "", 70_000),
	} {
		all = append(all, r...)
	}
	for _, size := range []int{1, 2, 3, 5, 17, 4096, len(all)} {
		var a answers
		for rest := all; len(rest) > 0; {
			n := min(size, len(rest))
			a.came(rest[:n])
			rest = rest[n:]
		}
		if got, want := a.said(), "AccessControlException: Permission denied: user=u"; got != want || a.lost || a.skip != 0 || a.read != nil {
			t.Errorf("in pieces of %d: %q, want %q; %t, %d, %x", size, got, want, a.lost, a.skip, a.read)
		}
	}
	var a answers
	a.came([]byte("\x00\x00\x00\x01\x7f"))
	a.came(all)
	if a.said() != "" || !a.lost {
		t.Errorf("after nonsense: %q", a.said())
	}
}

func TestDescribe(t *testing.T) {
	for _, tt := range [][3]string{
		{"a.B", "a.B: text\n\tat c", "B: text"}, {"a.B", "", "B"}, {"", "text", "text"}, {"B", " other: text ", "B: other: text"}, {"", "", ""},
	} {
		if got := describe(tt[0], tt[1]); got != tt[2] {
			t.Errorf("%q, %q: %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}

// FuzzAnswers lets a name node say anything: it is followed or not, and no more of it kept than a header.
func FuzzAnswers(f *testing.F) {
	f.Add(reply(f, "a.B", "text", 3), 2)
	f.Add([]byte(strings.Repeat("\xff", 20)), 1)
	f.Fuzz(func(t *testing.T, text []byte, piece int) {
		var a answers
		for piece = max(1, piece); len(text) > 0; {
			n := min(piece, len(text))
			a.came(text[:n])
			text = text[n:]
			if len(a.read) > 4+10+maxHeader+piece {
				t.Fatalf("%d bytes are kept", len(a.read))
			}
		}
	})
}
