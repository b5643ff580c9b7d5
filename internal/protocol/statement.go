package protocol

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

const (
	maxStatementBytes = 64 << 20

	// maxPageWait bounds how long a request waits for news; a client may ask for less with maxWait.
	maxPageWait = time.Second

	// defaultTargetBytes is Trino's. It fits the send buffer of a connection on the same machine, see writeJSON.
	defaultTargetBytes = 1 << 20
	maxTargetBytes     = 128 << 20
)

// statementRoutes adds /v1/statement. The life of a query at the client: POST gives the first nextUri, each GET of a
// nextUri waits for news and gives rows, figures and another nextUri, until there is none. The word queued or
// executing in the URI is there for people who read logs; the tokens count through.
func (s *Server) statementRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/statement", handle(s.postStatement))
	for _, phase := range []string{"queued", "executing"} {
		uri := " /v1/statement/" + phase + "/{id}/{slug}/{token}"
		mux.HandleFunc("GET"+uri, handle(s.getPage))
		mux.HandleFunc("DELETE"+uri, handle(s.cancelStatement))
	}
	mux.HandleFunc("DELETE /v1/statement/executing/partialCancel/{id}/{stage}/{slug}/{token}", handle(s.partialCancel))
}

func (s *Server) postStatement(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStatementBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &requestError{http.StatusRequestEntityTooLarge, "Statement is larger than " + strconv.Itoa(maxStatementBytes) + " bytes"}
	case err != nil:
		return badRequest("read statement: %v", err)
	}
	session, err := parseSession(r)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return badRequest("SQL statement is empty")
	}
	query, err := s.dispatcher.Submit(r.Context(), SubmitRequest{SQL: string(body), Session: session})
	if err != nil {
		return &requestError{http.StatusServiceUnavailable, err.Error()}
	}
	s.mu.Lock()
	s.queries[query.ID()] = newClientQuery(query, &session, s.config.Log, s.config.Now())
	s.mu.Unlock()
	s.writeResponse(w, r, s.response(r, query, 0, &ResultPage{Stats: emptyStats}, nil))
	return nil
}

func (s *Server) getPage(w http.ResponseWriter, r *http.Request) error {
	q, token, err := s.authorized(r)
	if err != nil {
		return err
	}
	wait, target, err := pageLimits(r)
	if err != nil {
		return err
	}
	q.enter()
	defer func() { q.leave(s.config.Now()) }()
	page, columns, err := q.fetch(r.Context(), token, r.URL.Query().Get("at"), wait, target)
	switch {
	case errors.Is(err, errGone):
		return &requestError{http.StatusGone, "HTTP 410 Gone"}
	case errors.Is(err, errNotFound):
		return queryNotFound
	case err != nil:
		return err
	}
	page.Changes.write(w.Header())
	s.writeResponse(w, r, s.response(r, q.query, token, page, columns))
	return nil
}

func (s *Server) cancelStatement(w http.ResponseWriter, r *http.Request) error {
	q, _, err := s.authorized(r)
	if err != nil {
		return err
	}
	q.query.Cancel(trinoerr.New(trinoerr.UserCanceled, "Query was canceled"))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) partialCancel(w http.ResponseWriter, r *http.Request) error {
	q, _, err := s.authorized(r)
	if err != nil {
		return err
	}
	stage, err := strconv.Atoi(r.PathValue("stage"))
	if err != nil || stage < 0 {
		return queryNotFound
	}
	q.query.CancelStage(stage)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var queryNotFound = &requestError{http.StatusNotFound, "Query not found"}

// authorized returns the query that a URI names, if the URI has its slug, and the token.
func (s *Server) authorized(r *http.Request) (*clientQuery, int64, error) {
	token, err := strconv.ParseInt(r.PathValue("token"), 10, 64)
	if err != nil || token < 0 {
		return nil, 0, queryNotFound
	}
	q, ok := s.clientQuery(r.PathValue("id"))
	if !ok || subtle.ConstantTimeCompare([]byte(q.query.Slug()), []byte(r.PathValue("slug"))) != 1 {
		return nil, 0, queryNotFound
	}
	return q, token, nil
}

// clientQuery finds a query that was submitted here, or to a coordinator before this one.
func (s *Server) clientQuery(id string) (*clientQuery, bool) {
	s.mu.Lock()
	q, ok := s.queries[id]
	s.mu.Unlock()
	if ok {
		return q, true
	}
	query, ok := s.dispatcher.Lookup(id)
	if !ok {
		return nil, false
	}
	return s.adopt(query), true
}

// Adopt takes up a query that was submitted to an earlier coordinator, so that it is abandoned if its client does not
// come back. The coordinator calls it for the queries it has recovered.
func (s *Server) Adopt(query Query) { s.adopt(query) }

func (s *Server) adopt(query Query) *clientQuery {
	info := query.Info()
	fresh := newClientQuery(query, &info.Session, s.config.Log, s.config.Now())
	fresh.resumed = true
	s.mu.Lock()
	defer s.mu.Unlock()
	if q, ok := s.queries[query.ID()]; ok {
		return q
	}
	s.queries[query.ID()] = fresh
	return fresh
}

// response puts together the answer to a request for the page with the given token; token 0 is the answer to POST.
func (s *Server) response(r *http.Request, query Query, token int64, page *ResultPage, columns []byte) *response {
	base := s.baseURI(r)
	res := &response{id: query.ID(), infoURI: base + "/ui/query.html?" + query.ID(), columns: columns, page: page}
	if page.Last {
		return res
	}
	next := query.Slug() + "/" + strconv.FormatInt(token+1, 10)
	at := ""
	if page.Next != "" {
		at = "?at=" + page.Next
	}
	phase := "executing"
	if page.Stats.Queued {
		phase = "queued"
	}
	res.nextURI = base + "/v1/statement/" + phase + "/" + query.ID() + "/" + next + at
	if page.Stats.RootStage != nil {
		res.partialCancelURI = base + "/v1/statement/executing/partialCancel/" + query.ID() + "/" +
			page.Stats.RootStage.StageID + "/" + next
	}
	return res
}

// pageLimits reads how long a request is willing to wait and how many bytes of rows it wants.
func pageLimits(r *http.Request) (time.Duration, int, error) {
	wait, target := maxPageWait, int64(defaultTargetBytes)
	params := r.URL.Query()
	if text := params.Get("maxWait"); text != "" {
		d, err := parseDuration(text)
		if err != nil {
			return 0, 0, badRequest("maxWait: %v", err)
		}
		wait = min(wait, d)
	}
	if text := params.Get("targetResultSize"); text != "" {
		n, err := parseDataSize(text)
		if err != nil {
			return 0, 0, badRequest("targetResultSize: %v", err)
		}
		target = max(1, min(n, maxTargetBytes))
	}
	return wait, int(target), nil
}

var units = map[string]float64{
	"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9,
	"B": 1, "kB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40, "PB": 1 << 50, "EB": 1 << 60,
}

// parseDuration reads Trino's form of a duration, "1.5s".
func parseDuration(text string) (time.Duration, error) {
	n, err := parseQuantity(durationPattern, text)
	return time.Duration(n), err
}

// parseDataSize reads Trino's form of a data size, "16MB".
func parseDataSize(text string) (int64, error) { return parseQuantity(dataSizePattern, text) }

var numberPattern = regexp.MustCompile(`\d+(?:\.\d+)?`)

func parseQuantity(form *regexp.Regexp, text string) (int64, error) {
	m := form.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q has no unit or is no number", text)
	}
	n, err := strconv.ParseFloat(numberPattern.FindString(text), 64)
	if n *= units[m[1]]; err != nil || n > 1<<62 {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return int64(n), nil
}
