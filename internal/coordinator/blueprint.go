package coordinator

import (
	"encoding/json"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/plan/duck"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/rpc/rpcv1"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sketch/facts"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// blueprint is a query that has been cut into stages and lowered: all that the launch of its attempts needs, as plain
// data, so that the journal can keep it and a coordinator that never planned the query can go on with it. It does not
// change, but that a plan that is changed adds stages; those it had keep their numbers.
type blueprint struct {
	Stages []stagePlan `json:"stages"` // by id: producers before consumers, the root last
	Write  *writePlan  `json:"write,omitempty"`
	// Direct says that outputs stay on the workers.
	Direct bool `json:"direct,omitempty"`
	// Distributed says that more than one task may run: then the order of joins is ours.
	Distributed bool `json:"distributed,omitempty"`
	// MinSplitBytes is what a split counts as at least; Compression how outputs of stages are compressed, Threads how many of
	// them a task may use: properties of the session.
	MinSplitBytes int64              `json:"minSplitBytes,omitempty"`
	Compression   config.Compression `json:"compression,omitempty"`
	Threads       int                `json:"threads,omitempty"`
	Memory        memoryLimits       `json:"memory,omitzero"`
	Limits        limits             `json:"limits,omitzero"`
	Requests      requestLimits      `json:"requests,omitzero"`
	// Replans are the changes of the plan so far.
	Replans []replanNote `json:"replans,omitempty"`
	// Planned is what the plan rests on, Changes what its changes rested on: with them it is made again after a takeover. There is
	// none of a plan that stays as it is.
	Planned *planBasis    `json:"planned,omitempty"`
	Changes []replanBasis `json:"changes,omitempty"`
}

// stagePlan is a stage.
type stagePlan struct {
	Graph   scheduler.Stage `json:"graph"`
	SQL     string          `json:"sql"`
	Wide    string          `json:"wide,omitempty"` // the statement with arithmetic that cannot be too narrow; empty: it is the same
	Tables  []tablePlan     `json:"tables,omitempty"`
	Remotes []remotePlan    `json:"remotes,omitempty"`
	Scans   []scanPlan      `json:"scans,omitempty"` // the scheduler's sources
	// Columns are those of the exchange.
	Columns []columnPlan `json:"columns,omitempty"`
	// Rows are the types in which the root stage renders its rows.
	Rows []types.Type `json:"rows,omitempty"`
	// Facts are those that are gathered of the columns.
	Facts []facts.Request `json:"facts,omitempty"`
	// Numbered says that the statement numbers rows, apart for each task.
	Numbered bool `json:"numbered,omitempty"`
	// KeepSides says that the right sides of the joins are those to keep in memory.
	KeepSides bool `json:"keepSides,omitempty"`
	// Explained describes the stage: then the answer is not the result but the plan, with what was measured.
	Explained *explained `json:"explained,omitempty"`
}

// explained is the text of a stage's plan.
type explained struct {
	Head string `json:"head"`
	Body string `json:"body"` // with marks for what will be measured: see withFacts
	// Estimate is what the stage was expected to put out.
	Estimate string `json:"estimate,omitempty"`
}

// tablePlan is a table that the statement reads: splits of a scan.
type tablePlan struct {
	Name string `json:"name"`
	Scan int    `json:"scan"` // index in Scans
}

// remotePlan is a table that the statement reads: partitions of an earlier stage.
type remotePlan struct {
	Name    string   `json:"name"`
	Input   int      `json:"input"` // index in Graph.Inputs
	Columns []string `json:"columns"`
}

// scanPlan is a scan of a connector's table.
type scanPlan struct {
	Catalog string         `json:"catalog"`
	Scan    connector.Scan `json:"scan"`
	// Constraint is that of the scan, which is not for tasks: splits depend on it.
	Constraint json.RawMessage `json:"constraint,omitempty"`
	Types      []string        `json:"types"` // the DuckDB types of its columns
	// Ranges are those of a key that tasks are given, instead of any splits.
	Ranges *connector.Ranges `json:"ranges,omitempty"`
}

// columnPlan is a column of an exchange.
type columnPlan struct {
	Name string `json:"name"`
	Type string `json:"type"` // DuckDB's
}

// writePlan is a write under way.
type writePlan struct {
	Catalog string `json:"catalog"`
	Handle  []byte `json:"handle"`
	// RowID is, when rows are changed, how many columns identify a row; Unique is that of plan.WriteTarget.
	RowID  int  `json:"rowId,omitempty"`
	Unique bool `json:"unique,omitempty"`
	// Statistics says that the rows are statistics, GroupBy how many columns tell their groups.
	Statistics bool `json:"statistics,omitempty"`
	GroupBy    int  `json:"groupBy,omitempty"`
	// Silent says that the number of rows is not the answer: there is none.
	Silent bool `json:"silent,omitempty"`
}

// analyzed reports whether the plan with what was measured is the answer.
func (b *blueprint) analyzed() bool { return len(b.Stages) > 0 && b.Stages[0].Explained != nil }

// rpcColumns are the columns of an exchange under the names that a reader gives them.
func (p *stagePlan) rpcColumns(names []string) []*rpcv1.Column {
	out := make([]*rpcv1.Column, len(names))
	for i, c := range p.Columns {
		out[i] = &rpcv1.Column{Name: names[i], Type: c.Type, FileName: c.Name}
	}
	return out
}

// constrained is the scan with its constraint.
func (s *scanPlan) constrained() (connector.Scan, error) {
	out := s.Scan
	if s.Constraint == nil {
		return out, nil
	}
	var err error
	if out.Constraint, err = connector.DecodeDomains(s.Constraint); err != nil {
		return out, trinoerr.Wrap(err, trinoerr.SerializationError, "read the plan of a scan")
	}
	return out, nil
}

// planStage turns a lowered fragment into data.
func planStage(f *fragment, graph scheduler.Stage, session *protocol.Session) stagePlan {
	p := stagePlan{Graph: graph, SQL: f.statement.SQL, Wide: f.wide, Numbered: f.numbered, KeepSides: f.KeepSides, Facts: f.Facts}
	for _, scan := range f.Scans {
		s := scanPlan{Catalog: scan.Catalog, Scan: scan.Table, Ranges: scan.Ranges}
		s.Scan.Constraint = nil
		if raw, err := connector.EncodeDomains(scan.Table.Constraint); err == nil && len(scan.Table.Constraint) > 0 {
			s.Constraint = raw // else it is a hint less
		}
		for _, c := range scan.Table.Columns {
			s.Types = append(s.Types, duck.TableType(c.Type))
		}
		p.Scans = append(p.Scans, s)
	}
	for _, in := range f.statement.Inputs {
		for i, scan := range f.Scans {
			if scan == in.Scan {
				p.Tables = append(p.Tables, tablePlan{in.Name, i})
			}
		}
		for i, r := range f.Inputs {
			if r != in.Remote {
				continue
			}
			remote := remotePlan{Name: in.Name, Input: i}
			for _, s := range r.Symbols {
				remote.Columns = append(remote.Columns, s.Name)
			}
			p.Remotes = append(p.Remotes, remote)
		}
	}
	for _, c := range f.statement.Columns {
		p.Columns = append(p.Columns, columnPlan{c.Name, c.Physical})
		if f.Output.Root {
			p.Rows = append(p.Rows, protocol.ClientType(c.Type, session))
		}
	}
	return p
}
