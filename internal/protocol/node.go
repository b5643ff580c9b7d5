package protocol

import (
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
)

type nodeVersionJSON struct {
	Version string `json:"version"`
}

type serverInfoJSON struct {
	NodeVersion nodeVersionJSON `json:"nodeVersion"`
	Environment string          `json:"environment"`
	Coordinator bool            `json:"coordinator"`
	Starting    bool            `json:"starting"`
	Uptime      string          `json:"uptime"`
}

type nodeStatusJSON struct {
	NodeID          string          `json:"nodeId"`
	NodeVersion     nodeVersionJSON `json:"nodeVersion"`
	Environment     string          `json:"environment"`
	Coordinator     bool            `json:"coordinator"`
	Uptime          string          `json:"uptime"`
	ExternalAddress string          `json:"externalAddress"`
	InternalAddress string          `json:"internalAddress"`
	Processors      int             `json:"processors"`
	HeapUsed        int64           `json:"heapUsed"`
	HeapAvailable   int64           `json:"heapAvailable"`
}

// nodeRoutes adds the resources that tell about this node; load balancers and health checks use them, without a user.
func (s *Server) nodeRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/info", handle(s.getInfo))
	mux.HandleFunc("GET /v1/info/state", handle(s.getState))
	mux.HandleFunc("PUT /v1/info/state", handle(s.putState))
	mux.HandleFunc("GET /v1/info/coordinator", handle(s.getCoordinator))
	mux.HandleFunc("GET /v1/status", handle(s.getStatus))
	return mux
}

func (s *Server) coordinator() bool { return s.dispatcher != nil }

func (s *Server) uptime() string { return formatDuration(s.config.Now().Sub(s.started)) }

func (s *Server) getInfo(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, r, mustJSON(serverInfoJSON{
		NodeVersion: nodeVersionJSON{s.config.Version},
		Environment: s.config.Environment,
		Coordinator: s.coordinator(),
		Starting:    s.config.Starting(),
		Uptime:      s.uptime(),
	}))
	return nil
}

func (s *Server) getState(w http.ResponseWriter, r *http.Request) error {
	writeJSON(w, r, mustJSON(s.config.State()))
	return nil
}

// putState shuts the node down gracefully; it is the only change of state that can be asked for.
func (s *Server) putState(w http.ResponseWriter, r *http.Request) error {
	session, err := parseSession(r)
	if err != nil {
		return err
	}
	if !s.config.Management(session.User) || s.config.Shutdown == nil {
		return &requestError{http.StatusForbidden, "Management only resource"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<10))
	if err != nil {
		return badRequest("read state: %v", err)
	}
	var state string
	if err := json.Unmarshal(body, &state); err != nil {
		return badRequest("state is no JSON string: %s", body)
	}
	if state != "SHUTTING_DOWN" {
		return badRequest("Invalid state transition to %s", state)
	}
	s.config.Shutdown()
	w.WriteHeader(http.StatusOK)
	return nil
}

// getCoordinator answers 200 on a coordinator and 404 elsewhere.
func (s *Server) getCoordinator(w http.ResponseWriter, _ *http.Request) error {
	if !s.coordinator() {
		w.WriteHeader(http.StatusNotFound)
	}
	return nil
}

func (s *Server) getStatus(w http.ResponseWriter, r *http.Request) error {
	used, available := s.config.Memory()
	writeJSON(w, r, mustJSON(nodeStatusJSON{
		NodeID:          s.config.NodeID,
		NodeVersion:     nodeVersionJSON{s.config.Version},
		Environment:     s.config.Environment,
		Coordinator:     s.coordinator(),
		Uptime:          s.uptime(),
		ExternalAddress: s.config.ExternalAddress,
		InternalAddress: s.config.InternalAddress,
		Processors:      runtime.NumCPU(),
		HeapUsed:        used,
		HeapAvailable:   available,
	}))
	return nil
}

// nodeJSON is an entry of /v1/node.
type nodeJSON struct {
	URI              string          `json:"uri"`
	RecentFailures   int             `json:"recentFailures"`
	LastResponseTime string          `json:"lastResponseTime,omitempty"`
	NodeID           string          `json:"nodeId"`
	NodeVersion      nodeVersionJSON `json:"nodeVersion"`
	Coordinator      bool            `json:"coordinator"`
	State            string          `json:"state"`
}

func (s *Server) getNodes(failedOnly bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if _, err := parseSession(r); err != nil {
			return err
		}
		out := []nodeJSON{}
		for _, n := range s.dispatcher.Nodes() {
			if failedOnly && n.Failures == 0 {
				continue
			}
			out = append(out, renderNode(n))
		}
		writeJSON(w, r, mustJSON(out))
		return nil
	}
}

func renderNode(n NodeInfo) nodeJSON {
	out := nodeJSON{
		URI: n.URI, NodeID: n.ID, NodeVersion: nodeVersionJSON{n.Version}, Coordinator: n.Coordinator,
		State: strings.ToUpper(n.State), RecentFailures: n.Failures,
	}
	if !n.LastSeen.IsZero() {
		out.LastResponseTime = n.LastSeen.UTC().Format(timeLayout)
	}
	return out
}
