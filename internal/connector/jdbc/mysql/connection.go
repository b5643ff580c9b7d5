package mysql

import (
	"bufio"
	"context"
	"net"
)

// readBuffer is how many bytes are taken from a connection at a time. The driver itself would take 4 kB, some 30 rows.
const readBuffer = 64 << 10

// dial connects to a server.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c, nil
	}
	return &connection{tcp, bufio.NewReaderSize(tcp, readBuffer)}, nil
}

// connection is read in large pieces.
type connection struct {
	*net.TCPConn
	buffered *bufio.Reader
}

// Read reads what has come.
func (c *connection) Read(p []byte) (int, error) { return c.buffered.Read(p) }
