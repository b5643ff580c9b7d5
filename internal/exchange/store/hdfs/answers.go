package hdfs

import (
	"encoding/binary"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// answers follows what a name node says on a connection, as the library keeps to itself what some exceptions say: who is not
// allowed to do what, for example, or why a connection is refused. Answers that are wrapped, as hadoop.rpc.protection may have
// it, are passed over.
type answers struct {
	mu   sync.Mutex
	read []byte // of an answer whose header is not complete
	skip int64  // how much is to come of one whose header is
	lost bool   // something that is no answer has come
	last string // what the last exception said
}

// came sees what comes.
func (a *answers) came(p []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(p) > 0 && !a.lost {
		if a.skip > 0 {
			n := min(a.skip, int64(len(p)))
			a.skip -= n
			p = p[n:]
			continue
		}
		a.read, p = append(a.read, p...), nil
		header, size := headerOf(a.read)
		switch {
		case size < 0:
			a.lost, a.read = true, nil
		case size > 0:
			if said := exceptionIn(header); said != "" {
				a.last = said
			}
			a.skip, p, a.read = size, a.read, nil
		}
	}
}

// said is what the last exception said, "": there was none.
func (a *answers) said() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}

// forget forgets what the last exception said.
func (a *answers) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last = ""
}

// maxHeader bounds the header of an answer, which has the trace of an exception.
const maxHeader = 1 << 20

// headerOf returns the header at the beginning of an answer, and the size of the answer: its length in four bytes, the length of
// its header, the header, and what was asked for. Size 0: more has to come; -1: this is no answer.
func headerOf(b []byte) (header []byte, size int64) {
	if len(b) < 4 {
		return nil, 0
	}
	length := int64(binary.BigEndian.Uint32(b))
	n, varint := binary.Uvarint(b[4:])
	switch {
	case varint == 0 && len(b) < 4+binary.MaxVarintLen64:
		return nil, 0
	case varint <= 0 || n > maxHeader || int64(varint)+int64(n) > length:
		return nil, -1
	case uint64(len(b)-4-varint) < n:
		return nil, 0
	}
	return b[4+varint:][:n], 4 + length
}

// exceptionIn is what the header of an answer says of an exception.
func exceptionIn(header []byte) string {
	m, err := message("common", "RpcResponseHeaderProto")
	if err != nil || proto.Unmarshal(header, m.Interface()) != nil {
		return ""
	}
	field := func(name protoreflect.Name) protoreflect.Value { return m.Get(m.Descriptor().Fields().ByName(name)) }
	if field("status").Enum() == 0 {
		return ""
	}
	return describe(field("exceptionClassName").String(), field("errorMsg").String())
}

// describe is what users are told of an exception: not where in the server's code it was.
func describe(class, text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	text = strings.TrimPrefix(text, class+": ")
	class = withoutPackage(class)
	if text == "" || class == "" {
		return class + text
	}
	return class + ": " + text
}
