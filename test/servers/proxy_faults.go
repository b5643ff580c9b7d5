package servers

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// Fault is what becomes of a request.
type Fault func(*Passage)

// Refuse answers in place of the server. Header are pairs of names and values.
func Refuse(status int, body string, header ...string) Fault {
	return func(x *Passage) {
		_, _ = io.Copy(io.Discard, x.r.Body) // else the client may see a broken connection instead of the answer
		for n := 0; n+1 < len(header); n += 2 {
			x.w.Header().Set(header[n], header[n+1])
		}
		x.w.WriteHeader(status)
		if x.r.Method != http.MethodHead {
			_, _ = io.WriteString(x.w, body)
		}
	}
}

// RefuseS3 answers with an error of S3.
func RefuseS3(status int, code string, header ...string) Fault {
	body := fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>the proxy says so</Message><RequestId>proxy</RequestId></Error>`, code)
	return Refuse(status, body, append([]string{"Content-Type", "application/xml"}, header...)...)
}

// RefuseAzure answers with an error of Azure's.
func RefuseAzure(status int, code string, header ...string) Fault {
	body := fmt.Sprintf(`<?xml version="1.0" encoding="utf-8"?><Error><Code>%s</Code><Message>the proxy says so</Message></Error>`, code)
	return Refuse(status, body, append([]string{"Content-Type", "application/xml", "X-Ms-Error-Code", code, "X-Ms-Request-Id", "proxy"}, header...)...)
}

// RefuseGCS answers with an error of Google Cloud Storage's.
func RefuseGCS(status int, text string, header ...string) Fault {
	body := fmt.Sprintf(`{"error":{"code":%d,"message":%q,"errors":[{"reason":"proxy","message":%[2]q}]}}`, status, text)
	return Refuse(status, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

// Refusals are how servers of a protocol refuse requests.
type Refusals struct {
	// Throttled asks for fewer requests, and for none within a second; Expired says that credentials are no more; Broken, that the server
	// has failed; Gone, that there is no such bucket; Bad nothing but a status of 400. Texts are what clients are to show of each.
	Throttled, Expired, Broken, Gone, Bad Fault
	Texts                                 RefusalTexts
}

// RefusalTexts are words that users find in the errors.
type RefusalTexts struct{ Throttled, Expired, Gone, Bad string }

// The refusals of each protocol.
var (
	S3Refusals = Refusals{Throttled: RefuseS3(503, "SlowDown", "Retry-After", "1"), Expired: RefuseS3(403, "ExpiredToken"),
		Broken: RefuseS3(500, "InternalError"), Gone: RefuseS3(404, "NoSuchBucket"), Bad: RefuseS3(400, "BadRequest"),
		Texts: RefusalTexts{"SlowDown", "ExpiredToken", "NoSuchBucket", "BadRequest"}}
	AzureRefusals = Refusals{Throttled: RefuseAzure(503, "ServerBusy", "Retry-After", "1"), Expired: RefuseAzure(403, "AuthenticationFailed"),
		Broken: RefuseAzure(500, "InternalError"), Gone: RefuseAzure(404, "ContainerNotFound"), Bad: RefuseAzure(400, "InvalidInput"),
		Texts: RefusalTexts{"ServerBusy", "AuthenticationFailed", "ContainerNotFound", "InvalidInput"}}
	GCSRefusals = Refusals{Throttled: RefuseGCS(503, "Slow down", "Retry-After", "1"), Expired: RefuseGCS(401, "Invalid Credentials"),
		Broken: RefuseGCS(500, "Backend Error"), Gone: RefuseGCS(404, "The specified bucket does not exist."), Bad: RefuseGCS(400, "Bad Request"),
		Texts: RefusalTexts{"Slow down", "Invalid Credentials", "The specified bucket does not exist", "Bad Request"}}
)

// ResetUpload breaks the connection off before the server has the whole body, after a random part of the first bytes.
func ResetUpload(bytes int64) Fault {
	return func(x *Passage) {
		n := x.Random.Int64N(bytes)
		x.upload = func(r io.Reader) io.Reader { return io.MultiReader(io.LimitReader(r, n), failing{}) }
		if x.r.ContentLength == 0 {
			x.Reset()
			return
		}
		x.Pass()
	}
}

// ResetAnswer breaks the connection off in the middle of the answer's body, after a random part of the first bytes.
func ResetAnswer(bytes int64) Fault {
	return func(x *Passage) {
		n := x.Random.Int64N(bytes)
		x.answer = func(r io.Reader) io.Reader { return io.MultiReader(io.LimitReader(r, n), failing{}) }
		x.Pass()
	}
}

// LoseAnswer lets the server do what it is asked, and breaks the connection off before it can say so.
func LoseAnswer(x *Passage) {
	x.lost = true
	x.Pass()
}

// Truncate cuts off the end of the answer's body, which claims that it is all.
func Truncate(x *Passage) {
	x.size = func(n int64) int64 {
		left := x.Random.Int64N(n)
		x.answer = func(r io.Reader) io.Reader { return io.LimitReader(r, left) }
		return left
	}
	x.Pass()
}

// FlipAnswer changes a bit among the first bytes of the answer's body.
func FlipAnswer(bytes int64) Fault {
	return func(x *Passage) {
		x.answer = func(r io.Reader) io.Reader { return &flip{r: r, at: x.Random.Int64N(bytes), bit: bit(x.Random)} }
		x.Pass()
	}
}

// FlipUpload changes a bit among the first bytes of the request's body.
func FlipUpload(bytes int64) Fault {
	return func(x *Passage) {
		x.upload = func(r io.Reader) io.Reader { return &flip{r: r, at: x.Random.Int64N(bytes), bit: bit(x.Random)} }
		x.Pass()
	}
}

// Slow lets pieces of both bodies through one by one, each after a pause.
func Slow(piece int, pause time.Duration) Fault {
	return func(x *Passage) {
		x.upload = func(r io.Reader) io.Reader { return &slow{r, piece, pause, x.r.Context().Done()} }
		x.answer = x.upload
		x.Pass()
	}
}

// Silence never answers.
func Silence(x *Passage) {
	_, _ = io.Copy(io.Discard, x.r.Body) // the client's going away is seen only once its body is read
	<-x.r.Context().Done()
	x.Reset()
}

func bit(r *rand.Rand) byte { return 1 << r.IntN(8) }

// failing is a body that breaks off.
type failing struct{}

// Read implements io.Reader.
func (failing) Read([]byte) (int, error) { return 0, errBrokenOff }

var errBrokenOff = errors.New("broken off by the proxy")

// flip changes a bit of what it reads.
type flip struct {
	r   io.Reader
	at  int64 // bytes before the one to change
	bit byte
}

// Read implements io.Reader.
func (f *flip) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if f.at >= 0 && f.at < int64(n) {
		p[f.at] ^= f.bit
	}
	f.at -= int64(n)
	return n, err
}

// slow pauses before each piece.
type slow struct {
	r     io.Reader
	piece int
	pause time.Duration
	done  <-chan struct{}
}

// Read implements io.Reader.
func (s *slow) Read(p []byte) (int, error) {
	timer := time.NewTimer(s.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.r.Read(p[:min(len(p), s.piece)])
	case <-s.done:
		return 0, errBrokenOff
	}
}
