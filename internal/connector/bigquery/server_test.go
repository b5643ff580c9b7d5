//go:build e2e

package bigquery

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	bq "google.golang.org/api/bigquery/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/engine"
)

// server answers the requests of the connector as BigQuery does: the REST API and the Storage Read API, over tables in DuckDB. It knows as much of BigQuery's SQL as the
// connector says. The goroutines of its two listeners end with the test.
type server struct {
	rest *httptest.Server
	grpc *grpc.Server
	addr string
	storagepb.UnimplementedBigQueryReadServer

	mu       sync.Mutex
	db       *engine.Instance
	datasets map[string]map[string]*bq.Table
	jobs     map[string]*bq.Job
	uploads  map[string]*upload
	streams  map[string]*stream
	number   int
	// breaks is how many streams still break after their first batch, and opened from which rows streams were opened.
	breaks int
	opened []int64
	// failing are how many jobs of commits still fail. With slow, jobs are running when they have been made.
	failing int
	slow    bool
}

const project = "p"

func startServer(t *testing.T) *server {
	t.Helper()
	db, err := engine.Open(context.Background(), engine.Config{MemoryLimit: 512 << 20, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{db: db, datasets: map[string]map[string]*bq.Table{}, jobs: map[string]*bq.Job{}, uploads: map[string]*upload{}, streams: map[string]*stream{}}
	s.rest = httptest.NewServer(s)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	s.grpc = grpc.NewServer()
	storagepb.RegisterBigQueryReadServer(s.grpc, s)
	ended := make(chan error, 1)
	go func() { ended <- s.grpc.Serve(l) }()
	t.Cleanup(func() {
		s.rest.Close()
		s.grpc.Stop()
		<-ended
		db.Close()
	})
	return s
}

// open makes a connector to the server.
func (s *server) open(t *testing.T, more string, env connector.Env) *Connector {
	t.Helper()
	f, err := config.ParseProperties("bigquery.properties", "bigquery.project-id="+project+"\n"+more, nil)
	if err != nil {
		t.Fatal(err)
	}
	configured, err := connector.Configure(connector.CatalogConfig{Catalog: "suite", File: f, Env: env}, &properties)
	if err != nil {
		t.Fatal(err)
	}
	c, err := open(t.Context(), configured, env, nil,
		[]option.ClientOption{option.WithEndpoint(s.rest.URL + "/bigquery/v2/"), option.WithoutAuthentication()},
		[]option.ClientOption{option.WithEndpoint(s.addr), option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// refusal is an answer that is an error.
type refusal struct {
	status          int
	reason, message string
}

func (r refusal) Error() string { return r.message }

func missing(what string) error { return refusal{404, "notFound", "Not found: " + what} }

func invalid(err error) error { return refusal{400, "invalidQuery", err.Error()} }

// ServeHTTP answers one request at a time.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, err := s.answer(w, r)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		f, ok := err.(refusal)
		if !ok {
			f = refusal{400, "invalid", err.Error()}
		}
		w.WriteHeader(f.status)
		answer = map[string]any{"error": map[string]any{"code": f.status, "message": f.message, "errors": []any{map[string]any{"reason": f.reason, "message": f.message}}}}
	}
	if answer == nil {
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func decoded[T any](r *http.Request) (*T, error) {
	v := new(T)
	return v, json.NewDecoder(r.Body).Decode(v)
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	if at, ok := strings.CutPrefix(r.URL.Path, "/upload/bigquery/v2/projects/p/jobs"); ok {
		return s.uploaded(w, r, at)
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/bigquery/v2/projects/p/"), "/")
	switch {
	case path[0] == "jobs" && len(path) == 1:
		job, err := decoded[bq.Job](r)
		if err != nil {
			return nil, err
		}
		return s.insertJob(job, nil)
	case path[0] == "jobs":
		if job := s.jobs[path[1]]; job != nil {
			return job, nil
		}
		return nil, missing("job " + path[1])
	case len(path) == 1 && r.Method == http.MethodPost:
		d, err := decoded[bq.Dataset](r)
		if err != nil {
			return nil, err
		}
		name := d.DatasetReference.DatasetId
		if s.datasets[name] != nil {
			return nil, refusal{409, "duplicate", "Already Exists: Dataset " + name}
		}
		s.datasets[name] = map[string]*bq.Table{}
		return d, s.db.Exec(context.Background(), "CREATE SCHEMA "+engine.QuoteName(name))
	case len(path) == 1:
		list := &bq.DatasetList{}
		for _, name := range keys(s.datasets) {
			list.Datasets = append(list.Datasets, &bq.DatasetListDatasets{DatasetReference: &bq.DatasetReference{ProjectId: project, DatasetId: name}})
		}
		return list, nil
	}
	tables := s.datasets[path[1]]
	if tables == nil {
		return nil, missing("Dataset p:" + path[1])
	}
	switch {
	case len(path) == 2 && r.Method == http.MethodDelete:
		if len(tables) > 0 && r.URL.Query().Get("deleteContents") != "true" {
			return nil, refusal{400, "resourceInUse", "Dataset is still in use"}
		}
		delete(s.datasets, path[1])
		return nil, s.db.Exec(context.Background(), "DROP SCHEMA "+engine.QuoteName(path[1])+" CASCADE")
	case len(path) == 2:
		return &bq.Dataset{DatasetReference: &bq.DatasetReference{ProjectId: project, DatasetId: path[1]}, Location: "US"}, nil
	case len(path) == 3 && r.Method == http.MethodPost:
		m, err := decoded[bq.Table](r)
		if err != nil {
			return nil, err
		}
		return s.createTable(path[1], m)
	case len(path) == 3:
		list := &bq.TableList{}
		for _, name := range keys(tables) {
			list.Tables = append(list.Tables, &bq.TableListTables{TableReference: &bq.TableReference{ProjectId: project, DatasetId: path[1], TableId: name}})
		}
		return list, nil
	}
	m := tables[path[3]]
	if m == nil {
		return nil, missing("Table p:" + path[1] + "." + path[3])
	}
	switch r.Method {
	case http.MethodDelete:
		delete(tables, path[3])
		return nil, s.db.Exec(context.Background(), "DROP TABLE "+tableName(path[1], path[3]))
	case http.MethodPatch:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		return m, s.patch(path[1], m, body)
	}
	n, err := s.count("FROM " + tableName(path[1], path[3]))
	m.NumRows = uint64(n)
	return m, err
}

func keys[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func tableName(dataset, table string) string {
	return engine.QuoteName(dataset) + "." + engine.QuoteName(table)
}

// createTable makes a table or a view.
func (s *server) createTable(dataset string, m *bq.Table) (*bq.Table, error) {
	name := m.TableReference.TableId
	if s.datasets[dataset] == nil {
		return nil, missing("Dataset p:" + dataset)
	}
	if s.datasets[dataset][name] != nil {
		return nil, refusal{409, "duplicate", "Already Exists: Table " + name}
	}
	m.Type, m.Location, m.Etag = "TABLE", "US", "x"
	text := ""
	if m.View != nil {
		own, err := s.translate(m.View.Query)
		if err != nil {
			return nil, err
		}
		if m.Schema, err = s.describe(own); err != nil {
			return nil, err
		}
		m.Type, text = "VIEW", "CREATE VIEW "+tableName(dataset, name)+" AS "+own
	} else {
		var defs []string
		for _, f := range m.Schema.Fields {
			defs = append(defs, engine.QuoteName(f.Name)+" "+duckType(f))
		}
		text = "CREATE TABLE " + tableName(dataset, name) + " (" + strings.Join(defs, ", ") + ")"
	}
	s.datasets[dataset][name] = m
	return m, s.db.Exec(context.Background(), text)
}

// patch changes what a request says: fields can be added and described.
func (s *server) patch(dataset string, m *bq.Table, body []byte) error {
	known := map[string]bool{}
	for _, f := range m.Schema.Fields {
		known[f.Name] = true
	}
	var change bq.Table
	if err := json.Unmarshal(body, &change); err != nil {
		return err
	}
	if change.Schema != nil {
		for _, f := range change.Schema.Fields {
			if !known[f.Name] {
				if err := s.db.Exec(context.Background(), "ALTER TABLE "+tableName(dataset, m.TableReference.TableId)+" ADD COLUMN "+engine.QuoteName(f.Name)+" "+duckType(f)); err != nil {
					return err
				}
			}
		}
	}
	return json.Unmarshal(body, m)
}

func (s *server) count(from string) (n int64, err error) {
	err = s.db.QueryChunks(context.Background(), "SELECT count(*)::VARCHAR "+from, func(c *engine.Chunk) error {
		n, err = strconv.ParseInt(string(c.Columns[0].Bytes(0)), 10, 64)
		return err
	})
	return n, err
}

// upload is a load job whose rows are still coming.
type upload struct {
	job  *bq.Job
	rows []byte
}

// uploaded takes the rows of a load job, in one request or in several.
func (s *server) uploaded(w http.ResponseWriter, r *http.Request, at string) (any, error) {
	if u := s.uploads[strings.TrimPrefix(at, "/")]; u != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		u.rows = append(u.rows, body...)
		if strings.HasSuffix(r.Header.Get("Content-Range"), "/*") {
			w.Header().Set("X-Http-Status-Code-Override", "308")
			w.Header().Set("Range", fmt.Sprintf("bytes=0-%d", len(u.rows)-1))
			return nil, nil
		}
		return s.insertJob(u.job, u.rows)
	}
	if r.URL.Query().Get("uploadType") == "resumable" {
		job, err := decoded[bq.Job](r)
		if err != nil {
			return nil, err
		}
		s.number++
		id := strconv.Itoa(s.number)
		s.uploads[id] = &upload{job: job}
		w.Header().Set("Location", s.rest.URL+"/upload/bigquery/v2/projects/p/jobs/"+id)
		return nil, nil
	}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	var job bq.Job
	first, err := parts.NextPart()
	if err == nil {
		err = json.NewDecoder(first).Decode(&job)
	}
	if err != nil {
		return nil, err
	}
	second, err := parts.NextPart()
	if err != nil {
		return nil, err
	}
	rows, err := io.ReadAll(second)
	if err != nil {
		return nil, err
	}
	return s.insertJob(&job, rows)
}

// insertJob runs a job, unless there is one of its id.
func (s *server) insertJob(job *bq.Job, rows []byte) (*bq.Job, error) {
	id := job.JobReference.JobId
	if s.jobs[id] != nil {
		return nil, refusal{409, "duplicate", "Already Exists: Job " + id}
	}
	if s.failing > 0 && strings.HasPrefix(id, "waterbear_commit_") {
		s.failing--
		job.Status = &bq.JobStatus{State: "DONE", ErrorResult: &bq.ErrorProto{Reason: "backendError", Message: "a failure that was asked for"}}
		job.JobReference.Location, s.jobs[id] = "US", job
		return job, nil
	}
	job.JobReference.Location = "US"
	job.Statistics = &bq.JobStatistics{}
	job.Status = &bq.JobStatus{State: "DONE"}
	var err error
	switch {
	case job.Configuration.Load != nil:
		err = s.load(job.Configuration.Load, rows)
	case job.Configuration.DryRun:
		if err = s.dryRun(job); err != nil {
			return nil, invalid(err)
		}
		return job, nil
	default:
		job.Statistics.Query, err = s.run(job.Configuration.Query)
	}
	if err != nil {
		job.Status.ErrorResult = &bq.ErrorProto{Reason: "invalidQuery", Message: err.Error()}
	}
	s.jobs[id] = job
	if s.slow {
		running := *job
		running.Status = &bq.JobStatus{State: "RUNNING"}
		return &running, nil
	}
	return job, nil
}

// dryRun says what a statement would give.
func (s *server) dryRun(job *bq.Job) error {
	text, err := s.translate(job.Configuration.Query.Query)
	if err != nil {
		return err
	}
	job.Statistics.Query = &bq.JobStatistics2{StatementType: "SELECT"}
	if !strings.HasPrefix(strings.ToUpper(text), "SELECT") {
		job.Statistics.Query.StatementType = "SCRIPT"
		return nil
	}
	job.Statistics.Query.Schema, err = s.describe(text)
	return err
}

// load appends lines of JSON to a table.
func (s *server) load(l *bq.JobConfigurationLoad, lines []byte) error {
	at := l.DestinationTable
	m := s.datasets[at.DatasetId][at.TableId]
	if m == nil {
		return missing("Table " + at.TableId)
	}
	rows, err := readRows(m.Schema.Fields, lines)
	if err != nil {
		return err
	}
	s.number++
	name := fmt.Sprintf("rows_%d", s.number)
	if err := s.db.BindBatches(context.Background(), name, engine.Table{Columns: rows.columns, Source: rows}); err != nil {
		return err
	}
	return s.db.Exec(context.Background(), "INSERT INTO "+tableName(at.DatasetId, at.TableId)+" SELECT * FROM "+name)
}

// run runs a statement.
func (s *server) run(q *bq.JobConfigurationQuery) (*bq.JobStatistics2, error) {
	tokens, err := scan(q.Query)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	stats := &bq.JobStatistics2{}
	switch words := firstWords(tokens); {
	case words == "CREATE TABLE":
		return stats, s.createAs(tokens)
	case words == "ALTER TABLE":
		return stats, s.alter(tokens)
	case words == "TRUNCATE TABLE":
		return stats, s.db.Exec(ctx, "DELETE FROM "+s.render(tokens[2:]))
	case words == "DELETE FROM":
		if stats.NumDmlAffectedRows, err = s.count(s.render(tokens[1:])); err != nil {
			return nil, err
		}
		return stats, s.db.Exec(ctx, s.render(tokens))
	case strings.HasPrefix(words, "SELECT"):
		schema, err := s.describe(s.render(tokens))
		if err != nil {
			return nil, err
		}
		if q.DestinationTable == nil {
			if s.datasets["_anonymous"] == nil {
				s.datasets["_anonymous"] = map[string]*bq.Table{}
				if err := s.db.Exec(ctx, "CREATE SCHEMA _anonymous"); err != nil {
					return nil, err
				}
			}
			s.number++
			q.DestinationTable = &bq.TableReference{ProjectId: project, DatasetId: "_anonymous", TableId: fmt.Sprintf("anon%d", s.number)}
		}
		into := q.DestinationTable
		if _, err := s.createTable(into.DatasetId, &bq.Table{TableReference: into, Schema: schema}); err != nil {
			return nil, err
		}
		return stats, s.db.Exec(ctx, "INSERT INTO "+tableName(into.DatasetId, into.TableId)+" "+s.render(tokens))
	}
	return stats, s.db.Exec(ctx, s.render(tokens))
}

// The Storage Read API.

// stream is a stream of a session: batches, each with its number of rows.
type stream struct {
	batches [][]byte
	rows    []int64
}

const streamsOfSession = 3

// CreateReadSession takes a snapshot of what is asked for, and divides it.
func (s *server) CreateReadSession(ctx context.Context, r *storagepb.CreateReadSessionRequest) (*storagepb.ReadSession, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := r.ReadSession
	path := strings.Split(own.Table, "/")
	m := s.datasets[path[3]][path[5]]
	if m == nil || r.Parent != "projects/p" || own.DataFormat != storagepb.DataFormat_ARROW || m.Type == "VIEW" {
		return nil, status.Error(codes.InvalidArgument, "no such table to read: "+own.Table)
	}
	var fields []*bq.TableFieldSchema
	var list []string
	for _, f := range m.Schema.Fields { // in the table's order, whatever the order asked for
		if slices.Contains(own.ReadOptions.SelectedFields, f.Name) {
			fields = append(fields, f)
			list = append(list, engine.QuoteName(f.Name))
		}
	}
	if len(fields) != len(own.ReadOptions.SelectedFields) || len(fields) == 0 {
		return nil, status.Error(codes.InvalidArgument, "unknown fields are selected")
	}
	text := "SELECT " + strings.Join(list, ", ") + " FROM " + tableName(path[3], path[5])
	if own.ReadOptions.RowRestriction != "" {
		where, err := s.translate(own.ReadOptions.RowRestriction)
		if err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		text += " WHERE " + where
	}
	streams := make([]stream, streamsOfSession)
	if r.MaxStreamCount > 0 {
		streams = streams[:min(len(streams), int(r.MaxStreamCount))]
	}
	n := 0
	schema, err := s.encoded(ctx, text, fields, func(batch []byte, rows int64) {
		one := &streams[n%len(streams)]
		one.batches, one.rows = append(one.batches, batch), append(one.rows, rows)
		n++
	})
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	answer := &storagepb.ReadSession{Schema: &storagepb.ReadSession_ArrowSchema{ArrowSchema: &storagepb.ArrowSchema{SerializedSchema: schema}}}
	for i := range streams {
		if len(streams[i].batches) == 0 {
			continue
		}
		s.number++
		name := fmt.Sprintf("projects/p/locations/us/sessions/s/streams/%d", s.number)
		s.streams[name] = &streams[i]
		answer.Streams = append(answer.Streams, &storagepb.ReadStream{Name: name})
	}
	return answer, nil
}

// ReadRows sends a stream from a row on.
func (s *server) ReadRows(r *storagepb.ReadRowsRequest, to storagepb.BigQueryRead_ReadRowsServer) error {
	s.mu.Lock()
	one := s.streams[r.ReadStream]
	breaks := s.breaks > 0 && r.Offset == 0
	if breaks {
		s.breaks--
	}
	s.opened = append(s.opened, r.Offset)
	s.mu.Unlock()
	if one == nil {
		return status.Error(codes.NotFound, "no such stream")
	}
	var at int64
	for i, batch := range one.batches {
		if at >= r.Offset {
			if err := to.Send(&storagepb.ReadRowsResponse{RowCount: one.rows[i], Rows: &storagepb.ReadRowsResponse_ArrowRecordBatch{
				ArrowRecordBatch: &storagepb.ArrowRecordBatch{SerializedRecordBatch: batch}}}); err != nil {
				return err
			}
			if breaks {
				return status.Error(codes.Unavailable, "a failure that was asked for")
			}
		}
		at += one.rows[i]
	}
	return nil
}

// expires tells whether a table expires within some time.
func (s *server) expires(dataset, table string, within time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.datasets[dataset][table]
	return m != nil && m.ExpirationTime > 0 && time.UnixMilli(m.ExpirationTime).Before(time.Now().Add(within))
}

// names lists the tables of a dataset.
func (s *server) names(dataset string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return keys(s.datasets[dataset])
}

// readBytes are the bytes of a value of type BYTES.
func readBytes(v any) ([]byte, error) {
	text, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("bytes are %T", v)
	}
	return base64.StdEncoding.DecodeString(text)
}
