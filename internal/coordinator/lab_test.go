package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/memory"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// lab is a connector that can do what no other one has to: tables in memory, besides.
type lab struct {
	*memory.Connector
	*connector.Configured[labSettings]

	mu   sync.Mutex
	seen []labSettings // by calls of Table
	// What became of table procedures.
	told     []optimized
	finished []string
	aborted  int
}

// labSettings are the properties of its catalog.
type labSettings struct {
	level int
	size  int64
	word  string
}

var labProperties = config.Table[labSettings]{Title: "lab", Properties: []config.Property[labSettings]{
	{Name: "lab.level", Default: "3", Value: config.Int(func(s *labSettings) *int { return &s.level }, 0, 9), Doc: "How high.",
		Session: &config.SessionInfo{Name: "level"}},
	{Name: "lab.size", Default: "1GB", Value: config.Size(func(s *labSettings) *int64 { return &s.size }, 1), Doc: "How large.",
		Session: &config.SessionInfo{Name: "size", Description: "A size"}},
	{Default: "ONE", Value: config.Enum(func(s *labSettings) *string { return &s.word }, "ONE", "TWO"), Doc: "Which.",
		Session: &config.SessionInfo{Name: "word", Hidden: true}},
}}

// newLab opens one with a table t, for a catalog lab.
func newLab(t *testing.T) *lab {
	t.Helper()
	f, err := config.ParseProperties("lab.properties", "lab.level=5", nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := connector.Configure(connector.CatalogConfig{Catalog: "lab", File: f}, &labProperties)
	if err != nil {
		t.Fatal(err)
	}
	return &lab{Connector: changeable(t), Configured: c}
}

// withLab runs a coordinator with it.
func withLab(t *testing.T, l *lab) *Coordinator {
	c, _ := testCoordinator(t, func(cfg *Config) { cfg.Catalogs["lab"] = l })
	return c
}

// Table notes the session under which it was asked.
func (l *lab) Table(ctx context.Context, name connector.SchemaTable) (*connector.Table, error) {
	l.mu.Lock()
	l.seen = append(l.seen, l.SettingsFor(ctx))
	l.mu.Unlock()
	return l.Connector.Table(ctx, name)
}

// last is what holds in the latest call.
func (l *lab) last() labSettings {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[len(l.seen)-1]
}

// optimized is what its procedures were told.
type optimized struct {
	Procedure string
	Args      map[string]any
	Where     []connector.Domain
}

// TableProcedures are one of each kind.
func (l *lab) TableProcedures() []connector.TableProcedure {
	size := connector.Property{Name: "size", Type: types.Of(types.Varchar), Default: "1GB"}
	return []connector.TableProcedure{
		{Name: "EXPIRE", Arguments: []connector.Property{size}, Filtered: true,
			Run: func(_ context.Context, _ *connector.Table, args map[string]any, where []connector.Domain) error {
				if args["size"] == "0B" {
					return trinoerr.New(trinoerr.InvalidProcedureArgument, "too small")
				}
				l.note(optimized{"EXPIRE", args, where})
				return nil
			}},
		{Name: "OPTIMIZE", Arguments: []connector.Property{size}, Filtered: true,
			Rewrite: func(_ context.Context, t *connector.Table, args map[string]any, where []connector.Domain) (*connector.Table, error) {
				if args["size"] == "0B" {
					return nil, nil
				}
				l.note(optimized{"OPTIMIZE", args, where})
				out := *t
				out.Comment = new(string)
				*out.Comment = "pinned"
				return &out, nil
			}},
	}
}

func (l *lab) note(o optimized) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, o)
}

// BeginRewrite wants the table that Rewrite has made.
func (l *lab) BeginRewrite(_ context.Context, procedure string, t *connector.Table, mode connector.RetryMode, queryID string) (json.RawMessage, error) {
	if t.Comment == nil || mode != connector.RetriesEnabled {
		return nil, trinoerr.New(trinoerr.GenericInternalError, "not the table of Rewrite, or the wrong mode: %v", mode)
	}
	return json.Marshal(procedure + " " + queryID)
}

// FinishWrite keeps what it is given.
func (l *lab) FinishWrite(_ context.Context, write json.RawMessage, fragments [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finished = append(l.finished, string(write)+" "+string(bytes.Join(fragments, nil)))
	return nil
}

// AbortWrite counts.
func (l *lab) AbortWrite(context.Context, json.RawMessage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.aborted++
	return nil
}
