package protocol

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ResourceGroupInfo is a resource group as it is at present.
type ResourceGroupInfo struct {
	ID                               []string
	State                            string // CAN_RUN, CAN_QUEUE, FULL
	Policy                           string // FAIR, WEIGHTED, WEIGHTED_FAIR, QUERY_PRIORITY
	Weight                           int
	SoftMemoryBytes                  int64 // -1: no limit
	SoftConcurrency, HardConcurrency int
	MaxQueued                        int
	MemoryBytes                      int64
	CPU                              time.Duration
	NumQueued, NumRunning            int
	NumEligible                      int // of the sub-groups
	SubGroups                        []ResourceGroupInfo
	Running                          []string // ids of the queries that run in it and below
}

// resourceGroupJSON is an answer of /v1/resourceGroupState/{id}.
type resourceGroupJSON struct {
	ID                []string             `json:"id"`
	State             string               `json:"state"`
	Policy            string               `json:"schedulingPolicy"`
	Weight            int                  `json:"schedulingWeight"`
	SoftMemoryLimit   string               `json:"softMemoryLimit"`
	SoftConcurrency   int                  `json:"softConcurrencyLimit"`
	HardConcurrency   int                  `json:"hardConcurrencyLimit"`
	MaxQueued         int                  `json:"maxQueuedQueries"`
	Memory            string               `json:"memoryUsage"`
	CPU               string               `json:"cpuUsage"`
	Queued            int                  `json:"numQueuedQueries"`
	Running           int                  `json:"numRunningQueries"`
	EligibleSubGroups int                  `json:"numEligibleSubGroups"`
	SubGroups         *[]resourceGroupJSON `json:"subGroups,omitempty"`
	RunningQueries    *[]groupQueryJSON    `json:"runningQueries,omitempty"`
}

// groupQueryJSON is a running query of a resource group.
type groupQueryJSON struct {
	QueryID       string            `json:"queryId"`
	State         string            `json:"queryState"`
	ResourceGroup []string          `json:"resourceGroupId"`
	Query         string            `json:"query"`
	CreateTime    string            `json:"createTime"`
	User          string            `json:"user"`
	Source        string            `json:"source,omitempty"`
	ClientInfo    string            `json:"clientInfo,omitempty"`
	Catalog       string            `json:"catalog,omitempty"`
	Schema        string            `json:"schema,omitempty"`
	Progress      groupProgressJSON `json:"progress"`
}

type groupProgressJSON struct {
	ElapsedTimeMillis  int64    `json:"elapsedTimeMillis"`
	QueuedTimeMillis   int64    `json:"queuedTimeMillis"`
	CPUTimeMillis      int64    `json:"cpuTimeMillis"`
	PeakMemoryBytes    int64    `json:"peakMemoryBytes"`
	InputRows          int64    `json:"inputRows"`
	InputBytes         int64    `json:"inputBytes"`
	ProgressPercentage *float64 `json:"progressPercentage,omitempty"`
}

// showResourceGroup answers with a group, the groups below it that have queries, and what runs in it.
func (s *Server) showResourceGroup(w http.ResponseWriter, r *http.Request) error {
	if _, err := parseSession(r); err != nil {
		return err
	}
	var id []string
	for name := range strings.SplitSeq(strings.TrimPrefix(r.URL.EscapedPath(), "/v1/resourceGroupState/"), "/") {
		name, err := url.QueryUnescape(name)
		if err != nil {
			return badRequest("%v", err)
		}
		id = append(id, name)
	}
	info, ok := s.dispatcher.ResourceGroup(id)
	if !ok {
		return &requestError{http.StatusNotFound, "HTTP 404 Not Found"}
	}
	out := renderGroup(&info)
	subs, running := []resourceGroupJSON{}, []groupQueryJSON{}
	for i := range info.SubGroups {
		subs = append(subs, renderGroup(&info.SubGroups[i]))
	}
	for _, id := range info.Running {
		if q, ok := s.dispatcher.Lookup(id); ok {
			running = append(running, renderGroupQuery(q.Info()))
		}
	}
	out.SubGroups, out.RunningQueries = &subs, &running
	writeJSON(w, r, mustJSON(out))
	return nil
}

func renderGroup(g *ResourceGroupInfo) resourceGroupJSON {
	limit := strconv.FormatInt(1<<63-1, 10) + "B"
	if g.SoftMemoryBytes >= 0 {
		limit = formatBytes(g.SoftMemoryBytes)
	}
	return resourceGroupJSON{ID: g.ID, State: g.State, Policy: g.Policy, Weight: g.Weight, SoftMemoryLimit: limit, SoftConcurrency: g.SoftConcurrency,
		HardConcurrency: g.HardConcurrency, MaxQueued: g.MaxQueued, Memory: formatBytes(g.MemoryBytes), CPU: formatDuration(g.CPU), Queued: g.NumQueued,
		Running: g.NumRunning, EligibleSubGroups: g.NumEligible}
}

func renderGroupQuery(q QueryInfo) groupQueryJSON {
	return groupQueryJSON{QueryID: q.ID, State: q.State, ResourceGroup: q.ResourceGroup, Query: q.SQL, CreateTime: formatTime(q.Created), User: q.Session.User,
		Source: q.Session.Source, ClientInfo: q.Session.ClientInfo, Catalog: q.Session.Catalog, Schema: q.Session.Schema,
		Progress: groupProgressJSON{ElapsedTimeMillis: q.Stats.ElapsedTimeMillis, QueuedTimeMillis: q.Stats.QueuedTimeMillis, CPUTimeMillis: q.Stats.CPUTimeMillis,
			PeakMemoryBytes: q.Stats.PeakMemoryBytes, InputRows: q.Stats.ProcessedRows, InputBytes: q.Stats.ProcessedBytes,
			ProgressPercentage: q.Stats.ProgressPercentage}}
}
