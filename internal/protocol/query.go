package protocol

import (
	"io"
	"net/http"
	"sort"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// queryJSON is an entry of /v1/query; /v1/query/{id} adds the stages and the failure.
type queryJSON struct {
	QueryID       string         `json:"queryId"`
	Session       sessionJSON    `json:"session"`
	ResourceGroup []string       `json:"resourceGroupId,omitempty"`
	State         string         `json:"state"`
	Scheduled     bool           `json:"scheduled"`
	Self          string         `json:"self"`
	Query         string         `json:"query"`
	UpdateType    string         `json:"updateType,omitempty"`
	Stats         queryStatsJSON `json:"queryStats"`
	ErrorType     string         `json:"errorType,omitempty"`
	ErrorCode     *errorCodeJSON `json:"errorCode,omitempty"`
	QueryType     string         `json:"queryType,omitempty"`
	RetryPolicy   string         `json:"retryPolicy"`

	Failure   *failureJSON `json:"failureInfo,omitempty"`
	RootStage *StageStats  `json:"rootStage,omitempty"`
	Replans   []Replan     `json:"replans,omitempty"`
}

type errorCodeJSON struct {
	errorInfoJSON
	Fatal bool `json:"fatal"`
}

type sessionJSON struct {
	QueryID            string            `json:"queryId"`
	TransactionID      string            `json:"transactionId,omitempty"`
	ClientTransactions bool              `json:"clientTransactionSupport"`
	User               string            `json:"user"`
	OriginalUser       string            `json:"originalUser"`
	Source             string            `json:"source,omitempty"`
	Catalog            string            `json:"catalog,omitempty"`
	Schema             string            `json:"schema,omitempty"`
	TraceToken         string            `json:"traceToken,omitempty"`
	TimeZone           string            `json:"timeZone,omitempty"`
	Locale             string            `json:"locale,omitempty"`
	RemoteAddress      string            `json:"remoteUserAddress,omitempty"`
	UserAgent          string            `json:"userAgent,omitempty"`
	ClientInfo         string            `json:"clientInfo,omitempty"`
	ClientTags         []string          `json:"clientTags"`
	Capabilities       []string          `json:"clientCapabilities"`
	SystemProperties   map[string]string `json:"systemProperties"`
	CatalogProperties  catalogProperties `json:"catalogProperties"`
	Prepared           map[string]string `json:"preparedStatements"`
	ProtocolName       string            `json:"protocolName"`
}

type catalogProperties map[string]map[string]string

type queryStatsJSON struct {
	CreateTime       string   `json:"createTime"`
	EndTime          string   `json:"endTime,omitempty"`
	QueuedTime       string   `json:"queuedTime"`
	ElapsedTime      string   `json:"elapsedTime"`
	PlanningTime     string   `json:"planningTime"`
	AnalysisTime     string   `json:"analysisTime"`
	FinishingTime    string   `json:"finishingTime"`
	TotalDrivers     int      `json:"totalDrivers"`
	QueuedDrivers    int      `json:"queuedDrivers"`
	RunningDrivers   int      `json:"runningDrivers"`
	CompletedDrivers int      `json:"completedDrivers"`
	RawInputSize     string   `json:"rawInputDataSize"`
	RawInputRows     int64    `json:"rawInputPositions"`
	PhysicalInput    string   `json:"physicalInputDataSize"`
	PhysicalWritten  string   `json:"physicalWrittenDataSize"`
	NetworkInput     string   `json:"internalNetworkInputDataSize"`
	Spilled          string   `json:"spilledDataSize"`
	PeakMemory       string   `json:"peakTotalMemoryReservation"`
	CPUTime          string   `json:"totalCpuTime"`
	ScheduledTime    string   `json:"totalScheduledTime"`
	Progress         *float64 `json:"progressPercentage,omitempty"`
	Running          *float64 `json:"runningPercentage,omitempty"`
}

// queryRoutes adds the resources that show the cluster's queries and nodes, and kill queries.
func (s *Server) queryRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/query", handle(s.listQueries))
	mux.HandleFunc("GET /v1/query/{id}", handle(s.showQuery))
	mux.HandleFunc("DELETE /v1/query/{id}", handle(s.cancelQuery))
	mux.HandleFunc("PUT /v1/query/{id}/killed", handle(s.killQuery(trinoerr.AdministrativelyKilled, "killed")))
	mux.HandleFunc("PUT /v1/query/{id}/preempted", handle(s.killQuery(trinoerr.AdministrativelyPreempted, "preempted")))
	mux.HandleFunc("GET /v1/resourceGroupState/{id...}", handle(s.showResourceGroup))
	mux.HandleFunc("GET /v1/node", handle(s.getNodes(false)))
	mux.HandleFunc("GET /v1/node/failed", handle(s.getNodes(true)))
}

func (s *Server) listQueries(w http.ResponseWriter, r *http.Request) error {
	if _, err := parseSession(r); err != nil {
		return err
	}
	state := r.URL.Query().Get("state")
	infos := s.dispatcher.Queries()
	sort.Slice(infos, func(i, j int) bool { return infos[i].ID < infos[j].ID })
	out := []queryJSON{}
	for i := range infos {
		if state == "" || strings.EqualFold(state, infos[i].State) {
			out = append(out, renderQuery(&infos[i], s.baseURI(r)))
		}
	}
	writeJSON(w, r, mustJSON(out))
	return nil
}

func (s *Server) showQuery(w http.ResponseWriter, r *http.Request) error {
	query, err := s.managed(r)
	if err != nil {
		return err
	}
	info := query.Info()
	out := renderQuery(&info, s.baseURI(r))
	out.RootStage, out.Replans = info.Stats.RootStage, info.Replans
	if info.Err != nil {
		f := failure(info.Err)
		out.Failure = &f
	}
	writeJSON(w, r, mustJSON(out))
	return nil
}

// cancelQuery answers 204 for an unknown query too: it is not running, as was asked.
func (s *Server) cancelQuery(w http.ResponseWriter, r *http.Request) error {
	if _, err := parseSession(r); err != nil {
		return err
	}
	if query, ok := s.dispatcher.Lookup(r.PathValue("id")); ok {
		query.Cancel(trinoerr.New(trinoerr.UserCanceled, "Query was canceled"))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// killQuery ends a query for a reason that the request's body may tell.
func (s *Server) killQuery(code *trinoerr.Code, verb string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		query, err := s.managed(r)
		if err != nil {
			return err
		}
		info := query.Info()
		if info.Done() {
			return &requestError{http.StatusConflict, "HTTP 409 Conflict"}
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		if err != nil {
			return badRequest("read message: %v", err)
		}
		message := "Query " + verb + ". No message provided."
		if len(body) > 0 {
			message = "Query " + verb + ". Message: " + string(body)
		}
		query.Cancel(trinoerr.New(code, "%s", message))
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
}

// managed returns the query of a request by a known user.
func (s *Server) managed(r *http.Request) (Query, error) {
	if _, err := parseSession(r); err != nil {
		return nil, err
	}
	query, ok := s.dispatcher.Lookup(r.PathValue("id"))
	if !ok {
		return nil, &requestError{http.StatusGone, "HTTP 410 Gone"}
	}
	return query, nil
}

func renderQuery(q *QueryInfo, base string) queryJSON {
	out := queryJSON{
		QueryID:       q.ID,
		Session:       renderSession(q),
		ResourceGroup: q.ResourceGroup,
		State:         q.State,
		Scheduled:     q.Stats.Scheduled,
		Self:          base + "/v1/query/" + q.ID,
		Query:         q.SQL,
		UpdateType:    q.UpdateType,
		Stats:         renderQueryStats(q),
		QueryType:     q.QueryType,
		RetryPolicy:   q.RetryPolicy,
	}
	if q.Err != nil {
		out.ErrorType = q.Err.Code.Type.String()
		out.ErrorCode = &errorCodeJSON{*errorInfo(q.Err.Code), !trinoerr.Retryable(q.Err)}
	}
	return out
}

func renderSession(q *QueryInfo) sessionJSON {
	s := &q.Session
	out := sessionJSON{
		QueryID: q.ID, TransactionID: s.TransactionID, ClientTransactions: s.ClientTransactions, User: s.User,
		OriginalUser: s.OriginalUser, Source: s.Source, Catalog: s.Catalog, Schema: s.Schema, TraceToken: s.TraceToken,
		TimeZone: s.TimeZone, Locale: strings.ReplaceAll(s.Language, "-", "_"), RemoteAddress: s.RemoteAddress,
		UserAgent: s.UserAgent, ClientInfo: s.ClientInfo, ClientTags: notNil(s.ClientTags),
		Capabilities: notNil(s.Capabilities), Prepared: s.Prepared, ProtocolName: "Trino",
		SystemProperties: map[string]string{}, CatalogProperties: catalogProperties{},
	}
	if out.Prepared == nil {
		out.Prepared = map[string]string{}
	}
	for name, value := range s.Properties {
		catalog, property, qualified := strings.Cut(name, ".")
		switch {
		case !qualified:
			out.SystemProperties[name] = value
		case out.CatalogProperties[catalog] == nil:
			out.CatalogProperties[catalog] = map[string]string{property: value}
		default:
			out.CatalogProperties[catalog][property] = value
		}
	}
	return out
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func renderQueryStats(q *QueryInfo) queryStatsJSON {
	st := &q.Stats
	return queryStatsJSON{
		CreateTime:       formatTime(q.Created),
		EndTime:          formatTime(q.Ended),
		QueuedTime:       formatMillis(st.QueuedTimeMillis),
		ElapsedTime:      formatMillis(st.ElapsedTimeMillis),
		PlanningTime:     formatMillis(st.PlanningTimeMillis),
		AnalysisTime:     formatMillis(st.AnalysisTimeMillis),
		FinishingTime:    formatMillis(st.FinishingTimeMillis),
		TotalDrivers:     st.TotalSplits,
		QueuedDrivers:    st.QueuedSplits,
		RunningDrivers:   st.RunningSplits,
		CompletedDrivers: st.CompletedSplits,
		RawInputSize:     formatBytes(st.ProcessedBytes),
		RawInputRows:     st.ProcessedRows,
		PhysicalInput:    formatBytes(st.PhysicalInputBytes),
		PhysicalWritten:  formatBytes(st.PhysicalWrittenBytes),
		NetworkInput:     formatBytes(st.InternalNetworkInputBytes),
		Spilled:          formatBytes(st.SpilledBytes),
		PeakMemory:       formatBytes(st.PeakMemoryBytes),
		CPUTime:          formatMillis(st.CPUTimeMillis),
		ScheduledTime:    formatMillis(st.WallTimeMillis),
		Progress:         st.ProgressPercentage,
		Running:          st.RunningPercentage,
	}
}
