package example

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
)

// service is the service that the connector is for.
type service struct {
	*httptest.Server

	mu       sync.Mutex
	datasets []dataset
	records  map[string][]map[string]any
	requests []string // so far, without the host
	// fault, when not nil, answers a request instead; it says whether it has.
	fault func(w http.ResponseWriter, r *http.Request) bool
}

// serve runs the service with some data sets until the test ends.
func serve(t *testing.T) *service {
	s := &service{records: map[string][]map[string]any{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	var cities []map[string]any
	for i := range 2500 {
		cities = append(cities, map[string]any{"id": i, "name": fmt.Sprintf("city %d", i%100), "founded": fmt.Sprintf("%04d-02-03", 1000+i%1000), "shape": "POINT (1 2)"})
	}
	s.put(dataset{Name: "cities", Description: "Where people live", Revision: "r1", Fields: []field{{"id", "int64"}, {"name", "text"}, {"founded", "date"}, {"shape", "geometry"}}}, cities)
	s.put(dataset{Name: "nothing", Revision: "r1", Fields: []field{{"id", "int64"}}}, nil)
	s.put(dataset{Name: "t", Revision: "r1", Fields: []field{{"id", "int64"}, {"s", "text"}, {"i", "int32"}, {"d", "double"}, {"day", "date"}, {"yes", "boolean"},
		{"m", "decimal(10,2)"}}}, tricky())
	return s
}

// tricky are the rows of connectortest.Tricky.
func tricky() (out []map[string]any) {
	for _, row := range [][]any{
		{1, "a", 10, 1.5, "2020-01-01", true, "1.50"},
		{2, "A", -10, -1.5, "1969-12-31", false, "-1.50"},
		{3, "a ", 0, 0, "2020-01-01", nil, "0.00"},
		{4, "", nil, "NaN", nil, true, nil},
		{5, nil, 2147483647, "Infinity", "9999-12-31", false, "99999999.99"},
		{6, "ä", -2147483648, "-Infinity", "0001-01-01", true, "-99999999.99"},
		{7, "it's 100%", 10, nil, "2020-02-29", false, "1.50"},
		{8, "b_c", 7, 1, "2020-03-01", nil, "2.00"},
		{9, "z", 8, 2, "2020-03-02", true, "2.01"},
	} {
		record := map[string]any{}
		for i, name := range []string{"id", "s", "i", "d", "day", "yes", "m"} {
			record[name] = row[i]
		}
		out = append(out, record)
	}
	return out
}

func (s *service) put(d dataset, records []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Records = int64(len(records))
	s.datasets = slices.DeleteFunc(s.datasets, func(old dataset) bool { return old.Name == d.Name })
	s.datasets = append(s.datasets, d)
	s.records[d.Name] = records
}

// asked are the requests since it was asked the last time.
func (s *service) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.requests
	s.requests = nil
	return out
}

// ServeHTTP answers a request.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
	if s.fault != nil && s.fault(w, r) {
		return
	}
	rest := strings.TrimPrefix(r.URL.Path, "/v1/datasets")
	if rest == "" {
		reply(w, map[string]any{"datasets": s.datasets})
		return
	}
	name, what, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	i := slices.IndexFunc(s.datasets, func(d dataset) bool { return d.Name == name })
	switch {
	case i < 0:
		http.NotFound(w, r)
	case what == "":
		reply(w, s.datasets[i])
	case r.FormValue("revision") != s.datasets[i].Revision:
		http.Error(w, "that revision is gone", http.StatusGone)
	default:
		s.page(w, r, s.records[name])
	}
}

func (s *service) page(w http.ResponseWriter, r *http.Request, records []map[string]any) {
	var found []map[string]any
	for _, record := range records {
		if !slices.ContainsFunc(r.Form["where"], func(c string) bool { return !satisfies(record, c) }) {
			found = append(found, record)
		}
	}
	number, _ := strconv.Atoi(r.FormValue("page"))
	size, _ := strconv.Atoi(r.FormValue("page_size"))
	fields := strings.Split(r.FormValue("fields"), ",")
	out := []map[string]any{}
	for _, record := range found[min(len(found), (number-1)*size):min(len(found), number*size)] {
		part := map[string]any{}
		for _, f := range fields {
			if v, ok := record[f]; ok {
				part[f] = v
			}
		}
		out = append(out, part)
	}
	reply(w, map[string]any{"records": out, "total": len(found)})
}

// satisfies evaluates a condition. What is null satisfies none.
func satisfies(record map[string]any, written string) bool {
	parts := strings.SplitN(written, ":", 3)
	order := 0
	switch v := record[parts[0]].(type) {
	case nil:
		return false
	case int:
		n, err := strconv.Atoi(parts[2])
		if err != nil {
			return false
		}
		order = cmp.Compare(v, n)
	case string:
		order = strings.Compare(v, parts[2])
	}
	switch parts[1] {
	case "eq":
		return order == 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	case "gt":
		return order > 0
	}
	return order >= 0
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// open opens a catalog over the service, with further lines of its file.
func open(t *testing.T, s *service, lines ...string) *Connector {
	t.Helper()
	f, err := config.ParseProperties("example.properties", strings.Join(append(lines, "example.url="+s.URL), "\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(connector.CatalogConfig{Catalog: "example", File: f})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
