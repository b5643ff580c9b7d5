package hdfs

import (
	"errors"
	"io"
	"net"
	"strings"
	"testing"
)

// A name node that closes a connection has said why, although that is found out while writing.
func TestRefusalWhileWriting(t *testing.T) {
	for _, tt := range []struct {
		before, answer []byte
		want           string
	}{
		{nil, reply(t, "a.b.AccessControlException", "SIMPLE authentication is not enabled", 0), "AccessControlException: SIMPLE authentication is not enabled"},
		{reply(t, "a.b.FileNotFoundException", "no such file", 0), nil, io.ErrClosedPipe.Error()},
	} {
		mine, theirs := net.Pipe()
		c := &conn{Conn: mine}
		c.answers.came(tt.before)
		go func() {
			_, _ = theirs.Write(tt.answer)
			_ = theirs.Close()
		}()
		err := c.refusal(io.ErrClosedPipe)
		if !strings.Contains(err.Error(), tt.want) || tt.answer == nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%v, want %q", err, tt.want)
		}
		_ = mine.Close()
	}
}
