package rpc

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
)

// maxFrame bounds a message between worker and slot. The largest are tasks with many thousands of splits.
const maxFrame = 1 << 30

// WriteFrame writes a message, preceded by its length as four bytes, most significant first. It must not be called
// concurrently on one writer.
func WriteFrame(w io.Writer, m *rpcv1.SlotMessage) error {
	buf := make([]byte, 4, 4+proto.Size(m))
	buf, err := proto.MarshalOptions{}.MarshalAppend(buf, m)
	if err != nil {
		return fmt.Errorf("encode slot message: %w", err)
	}
	if len(buf)-4 > maxFrame {
		return fmt.Errorf("slot message of %d bytes is above the limit of %d", len(buf)-4, maxFrame)
	}
	binary.BigEndian.PutUint32(buf, uint32(len(buf)-4))
	_, err = w.Write(buf)
	return err
}

// ReadFrame reads a message; io.EOF means that the other side has closed cleanly between messages.
func ReadFrame(r *bufio.Reader) (*rpcv1.SlotMessage, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return nil, fmt.Errorf("slot message of %d bytes is above the limit of %d", n, maxFrame)
	}
	buf := make([]byte, n)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, fmt.Errorf("read slot message: %w", io.ErrUnexpectedEOF)
	}
	m := new(rpcv1.SlotMessage)
	if err := proto.Unmarshal(buf, m); err != nil {
		return nil, fmt.Errorf("decode slot message: %w", err)
	}
	return m, nil
}
