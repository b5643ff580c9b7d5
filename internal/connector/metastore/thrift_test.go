package metastore

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// fakeMetastore answers get_all_databases, each call by what reply says: the names, "throw", "hang up" or "be silent".
type fakeMetastore struct {
	net.Listener
	calls atomic.Int32
	users atomic.Int32
	reply func(call int32) string
}

func startFake(t *testing.T, secure *tls.Config, reply func(call int32) string) *fakeMetastore {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if secure != nil {
		l = tls.NewListener(l, secure)
	}
	f := &fakeMetastore{Listener: l, reply: reply}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(conn)
		}
	}()
	return f
}

func (f *fakeMetastore) uri() string { return "thrift://" + f.Addr().String() }

func (f *fakeMetastore) serve(conn net.Conn) {
	defer conn.Close()
	ctx := context.Background()
	transport := thrift.NewTBufferedTransport(thrift.NewTSocketFromConnConf(conn, nil), 1024)
	p := thrift.NewTBinaryProtocolConf(transport, nil)
	for {
		name, _, seq, err := p.ReadMessageBegin(ctx)
		if err != nil {
			return
		}
		_ = p.Skip(ctx, thrift.STRUCT)
		_ = p.ReadMessageEnd(ctx)
		reply := "[]"
		if name == setUGI.name {
			f.users.Add(1)
		} else {
			reply = f.reply(f.calls.Add(1))
		}
		switch reply {
		case "hang up":
			return
		case "be silent":
			<-time.After(10 * time.Second)
			return
		}
		_ = p.WriteMessageBegin(ctx, name, thrift.REPLY, seq)
		type thrownAnswer struct {
			Failure *hmsException `thrift:"1"`
		}
		type namesAnswer struct {
			Names []string `thrift:"0"`
		}
		w := &thriftWriter{ctx: ctx, out: p}
		if reply == "throw" {
			w.structure(reflect.ValueOf(thrownAnswer{&hmsException{"no"}}))
		} else {
			w.structure(reflect.ValueOf(namesAnswer{strings.Fields(strings.Trim(reply, "[]"))}))
		}
		_ = p.WriteMessageEnd(ctx)
		_ = p.Flush(ctx)
	}
}

func clientOf(t *testing.T, change func(*ThriftConfig), uris ...string) Metastore {
	t.Helper()
	cfg := ThriftConfig{URIs: uris, ConnectTimeout: time.Minute, ReadTimeout: time.Minute, MaxRetries: 3, MaxRetryTime: time.Minute,
		BackoffScale: 2, MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond}
	if change != nil {
		change(&cfg)
	}
	m, err := OpenThrift("h", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// What only asks is asked again, as often as the configuration says, and at the next metastore.
func TestThriftRetries(t *testing.T) {
	f := startFake(t, nil, func(call int32) string {
		if call <= 3 {
			return "hang up"
		}
		return "[b a]"
	})
	m := clientOf(t, func(c *ThriftConfig) { c.User = "alice" }, "thrift://127.0.0.1:1", f.uri())
	if names, err := m.Databases(t.Context()); err != nil || strings.Join(names, " ") != "a b" {
		t.Errorf("got %v, %v", names, err)
	}
	if f.users.Load() != 4 {
		t.Errorf("%d connections said who they are, want 4", f.users.Load())
	}
	few := clientOf(t, func(c *ThriftConfig) { c.MaxRetries = 2 }, startFake(t, nil, func(int32) string { return "hang up" }).uri())
	if _, err := few.Databases(t.Context()); err == nil || trinoerr.CodeOf(err) != trinoerr.HiveMetastoreError || !strings.Contains(err.Error(), "Failed connecting to Hive metastore") {
		t.Errorf("got %v", err)
	}
	short := startFake(t, nil, func(int32) string { return "hang up" })
	soon := clientOf(t, func(c *ThriftConfig) { c.MaxRetryTime, c.MinBackoff, c.MaxRetries = time.Minute, time.Hour, 1000 }, short.uri())
	if _, err := soon.Databases(t.Context()); err == nil || short.calls.Load() != 1 {
		t.Errorf("got %v after %d calls; the time for repetitions is shorter than the delay", err, short.calls.Load())
	}
	// What changes something is not sent twice, because nobody knows what became of it.
	once := startFake(t, nil, func(int32) string { return "hang up" })
	if err := clientOf(t, nil, once.uri()).CreateDatabase(t.Context(), &Database{Name: "x"}); err == nil || once.calls.Load() != 1 {
		t.Errorf("got %v after %d calls", err, once.calls.Load())
	}
	// An answer is an answer, and the connection is used again.
	thrower := startFake(t, nil, func(int32) string { return "throw" })
	m = clientOf(t, nil, thrower.uri())
	for range 2 {
		if _, err := m.Databases(t.Context()); err == nil || trinoerr.CodeOf(err) != trinoerr.HiveMetastoreError || !strings.Contains(err.Error(), "no") {
			t.Errorf("got %v", err)
		}
	}
	if thrower.calls.Load() != 2 {
		t.Errorf("%d calls, want 2", thrower.calls.Load())
	}
	silent := clientOf(t, func(c *ThriftConfig) { c.ReadTimeout, c.MaxRetries = 10*time.Millisecond, 0 }, startFake(t, nil, func(int32) string { return "be silent" }).uri())
	if _, err := silent.Databases(t.Context()); err == nil {
		t.Error("a silent metastore was waited for")
	}
}

func TestThriftTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trust.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	f := startFake(t, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, func(int32) string { return "[a]" })
	trusting := clientOf(t, func(c *ThriftConfig) { c.TLS, c.TrustCertificate = true, file }, f.uri())
	if names, err := trusting.Databases(t.Context()); err != nil || len(names) != 1 {
		t.Errorf("got %v, %v", names, err)
	}
	wary := clientOf(t, func(c *ThriftConfig) { c.TLS, c.MaxRetries = true, 0 }, f.uri())
	if names, err := wary.Databases(t.Context()); err == nil {
		t.Errorf("a certificate that nobody vouches for is taken: %v", names)
	}
	if _, err := OpenThrift("h", ThriftConfig{TLS: true, TrustCertificate: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("a missing file of certificates is taken")
	}
}

// A struct comes back as it was written.
func TestThriftCodec(t *testing.T) {
	comment, yes, id := "c", true, int64(-1)
	in := hmsTable{Name: "t", Database: "s", Type: ManagedTable, Parameters: map[string]string{"k": "v"}, Temporary: &yes, WriteID: &id,
		Storage: &hmsStorage{Columns: []hmsField{{"a", "int", &comment}, {"b", "string", nil}}, Buckets: 3, SortColumns: []hmsOrder{{"a", 1}},
			Skewed: &hmsSkewed{Values: [][]string{{"x"}, {}}}, BucketColumns: []string{}}}
	buffer := thrift.NewTMemoryBuffer()
	p := thrift.NewTBinaryProtocolConf(buffer, nil)
	w := &thriftWriter{ctx: t.Context(), out: p}
	if w.structure(reflect.ValueOf(in)); w.err != nil {
		t.Fatal(w.err)
	}
	var out hmsTable
	if err := readStruct(t.Context(), p, reflect.ValueOf(&out).Elem(), maxNested); err != nil || !reflect.DeepEqual(out, in) {
		t.Errorf("got %+v, %v", out, err)
	}
}

// FuzzThriftAnswer checks that no answer of a metastore does harm.
func FuzzThriftAnswer(f *testing.F) {
	buffer := thrift.NewTMemoryBuffer()
	w := &thriftWriter{ctx: context.Background(), out: thrift.NewTBinaryProtocolConf(buffer, nil)}
	w.structure(reflect.ValueOf(hmsTableResult{&hmsTable{Name: "t", Parameters: map[string]string{"k": "v"}, Storage: &hmsStorage{Columns: []hmsField{{"a", "int", nil}}}}}))
	f.Add(buffer.Bytes())
	f.Add([]byte{0x0f, 0, 0, 0x0c, 0x7f, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, value := range []any{new(hmsTableResult), new([]hmsPartition), new([]string), new(hmsPartitionStatistics), nil} {
			transport := thrift.NewTMemoryBuffer()
			transport.Buffer = bytes.NewBuffer(bytes.Clone(data))
			a := &answer{call: getTable, value: value}
			if err := a.Read(t.Context(), thrift.NewTBinaryProtocolConf(transport, &thrift.TConfiguration{MaxMessageSize: 1 << 20})); err != nil {
				continue
			}
			if r, ok := value.(*hmsTableResult); ok && r.Table != nil {
				r.Table.table(suiteTable("", "t").Name)
			}
		}
	})
}

// FuzzDecimal checks that decimals keep their value on their way.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.25", "300.00", "-128", "99999999999999999999999999999999999999", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := decimalOf(text)
		if !ok {
			return
		}
		again, ok := decimalOf(d.text())
		if !ok || !bytes.Equal(again.Unscaled, d.Unscaled) && int(d.Scale) <= 38 {
			t.Errorf("%q becomes %s", text, d.text())
		}
	})
}
