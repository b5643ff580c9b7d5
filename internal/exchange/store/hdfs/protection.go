package hdfs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// levels of dfs.data.transfer.protection, the weakest first.
var levels = []string{"authentication", "integrity", "privacy"}

// protection is the weakest protection of data that is allowed; "": the name node says. Of several that are allowed the data
// node decides, where the library would insist on the strongest.
func (r resources) protection() (string, error) {
	if strings.EqualFold(r["dfs.encrypt.data.transfer"], "true") {
		return "privacy", nil
	}
	text := r["dfs.data.transfer.protection"]
	if text == "" {
		return "", nil
	}
	weakest := len(levels)
	for level := range strings.SplitSeq(text, ",") {
		n := slices.Index(levels, strings.ToLower(strings.TrimSpace(level)))
		if n < 0 {
			return "", fmt.Errorf("dfs.data.transfer.protection is %q, which is no list of %s", text, strings.Join(levels, ", "))
		}
		weakest = min(weakest, n)
	}
	return levels[weakest], nil
}

// negotiation watches how a connection to a data node begins. A data node chooses the protection of what follows. The library
// knows all kinds, but cannot read what comes in frames of DIGEST-MD5 (RFC 2831), as it does with "integrity", and with "privacy"
// unless the data node is configured for AES: of a message in several frames it gives parts twice. What it would read are errors at
// best; so such a connection is refused.
type negotiation struct {
	secure bool // the cluster wants Kerberos
	stage  stage
	read   []byte // what has come of the message that is waited for
}

// stage is how far a negotiation is.
type stage int

const (
	fresh       stage = iota
	negotiating       // the library has asked for a negotiation
	encrypted         // privacy was chosen; the data node's answer will tell how
	plain             // there is no negotiation
	settled
)

var (
	opening = []byte{0xDE, 0xAD, 0xBE, 0xEF}
	chosen  = regexp.MustCompile(`, *qop="?(auth-int|auth-conf|auth)\b`)
)

// What an operator has to change is told, as all of it is configuration of the cluster.
var (
	errIntegrity = errors.New("it protects data by integrity (dfs.data.transfer.protection), which is not supported: " +
		"authentication and, with dfs.encrypt.data.transfer.cipher.suites=AES/CTR/NoPadding of the data nodes, privacy are")
	errNoAES = errors.New("it encrypts data without AES, which is not supported: " +
		"set dfs.encrypt.data.transfer.cipher.suites=AES/CTR/NoPadding where data nodes are configured")
	errUnprotected = errors.New("it ended the connection at once, as data nodes do that want dfs.data.transfer.protection: " +
		"set that in a file of hdfs.config.resources as it is where they are configured")
)

// sent sees what is sent to the data node, a message at a time, and says what is wrong with it.
func (n *negotiation) sent(p []byte) error {
	switch n.stage {
	case fresh:
		n.stage = plain
		if bytes.HasPrefix(p, opening) {
			n.stage = negotiating
		}
	case negotiating:
		n.stage = settled
		switch m := chosen.FindSubmatch(p); {
		case m == nil:
		case string(m[1]) == "auth-int":
			return errIntegrity
		case string(m[1]) == "auth-conf":
			n.stage = encrypted
		}
	}
	return nil
}

// came sees what comes from the data node, and says what is wrong with it.
func (n *negotiation) came(p []byte, failure error) error {
	switch n.stage {
	case plain:
		if n.secure && len(p) == 0 && (errors.Is(failure, io.EOF) || errors.Is(failure, syscall.ECONNRESET)) {
			return errUnprotected
		}
		if len(p) > 0 {
			n.stage = settled
		}
	case encrypted:
		n.read = append(n.read, p...)
		length, size := binary.Uvarint(n.read)
		if size <= 0 || uint64(len(n.read)-size) < length {
			return nil
		}
		aes, err := hasCipher(n.read[size:][:length])
		n.stage, n.read = settled, nil
		if err == nil && !aes {
			return errNoAES
		}
	}
	return nil
}

// hasCipher reports whether a data node's message chooses a cipher, of which there is only AES. One that says that something
// failed is the library's business.
func hasCipher(text []byte) (bool, error) {
	m, err := message("hdfs", "DataTransferEncryptorMessageProto")
	if err != nil {
		return false, err
	}
	if err := proto.Unmarshal(text, m.Interface()); err != nil {
		return false, err
	}
	field := func(name protoreflect.Name) protoreflect.Value { return m.Get(m.Descriptor().Fields().ByName(name)) }
	return field("cipherOption").List().Len() > 0 || field("status").Enum() != 0, nil
}
