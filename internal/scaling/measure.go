package scaling

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/connector/tpch"
	"github.com/waterbear-sql/waterbear/internal/coordinator"
	"github.com/waterbear-sql/waterbear/internal/scheduler/sim"
)

// Options say at which size plans are made and run.
type Options struct {
	Scale   float64
	Cluster sim.Cluster
	// SplitBytes is how much of a table's files is one split.
	SplitBytes int64
	// Most is how many bytes a stage may be expected to put out; the plan of a query that has a larger one is not run.
	Most float64
	// Session are session properties; the retry policy is TASK.
	Session map[string]string
}

// DefaultOptions are a thousand nodes of 16 slots and 128 GB, whose tasks read 200 MB a second, and exchanges of up to a thousand partitions.
func DefaultOptions() Options {
	return Options{Scale: 100_000, SplitBytes: 64 << 20, Most: 1e15, Session: map[string]string{"fault_tolerant_execution_max_partition_count": "1000"},
		Cluster: sim.Cluster{Nodes: 1000, Slots: 16, Memory: 128 << 30, Rate: 200 << 20, PartBytes: 5 << 20, Startup: 50 * time.Millisecond}}
}

// Statement is a query of a workload.
type Statement struct {
	Workload string // tpch or tpcds
	Number   int
	SQL      string
}

// Result is what a statement costs.
type Result struct {
	Statement
	*sim.PlanCost         // nil: the plan was not run
	Largest       float64 // bytes that the largest stage is expected to put out
	Planning      time.Duration
	Record        int // bytes of the plan in the journal
}

// Measure plans statements and runs their plans.
func Measure(ctx context.Context, o Options, statements []Statement, each func(*Result)) error {
	p, err := o.planner(statements)
	if err != nil {
		return err
	}
	defer p.Close()
	session := map[string]string{"retry_policy": "TASK"}
	for name, value := range o.Session {
		session[name] = value
	}
	for _, st := range statements {
		schema := "tpcds"
		if st.Workload == "tpch" {
			schema = fmt.Sprintf("sf%.0f", o.Scale)
		}
		shape, err := p.Shape(ctx, st.Workload, schema, st.SQL, session)
		if err != nil {
			return fmt.Errorf("%s query %d: %w", st.Workload, st.Number, err)
		}
		r := &Result{Statement: st, Planning: shape.Planning, Record: shape.Record}
		for _, s := range shape.Stages {
			r.Largest = max(r.Largest, s.Bytes)
		}
		if r.Largest <= o.Most {
			if r.PlanCost, err = sim.MeasurePlan(o.planOf(shape), o.Cluster); err != nil {
				return fmt.Errorf("%s query %d: %w", st.Workload, st.Number, err)
			}
		}
		each(r)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return nil
}

// planner opens the catalogs.
func (o *Options) planner(statements []Statement) (*coordinator.Planner, error) {
	catalogs := map[string]connector.Connector{}
	for _, st := range statements {
		if catalogs[st.Workload] != nil {
			continue
		}
		var err error
		switch st.Workload {
		case "tpch":
			catalogs["tpch"], err = newTPCH()
		case "tpcds":
			catalogs["tpcds"], err = NewTPCDS(o.Scale)
		default:
			err = fmt.Errorf("there is no workload %q", st.Workload)
		}
		if err != nil {
			return nil, err
		}
	}
	return coordinator.NewPlanner(catalogs, o.Cluster.Nodes, o.Cluster.Slots, o.Cluster.Memory)
}

// newTPCH is the connector that generates the tables, with the names and types of the specification.
func newTPCH() (connector.Connector, error) {
	file, err := config.ParseProperties("tpch.properties", strings.Join([]string{"tpch.column-naming=STANDARD", "tpch.double-type-mapping=DECIMAL"}, "\n"), nil)
	if err != nil {
		return nil, err
	}
	return tpch.New(connector.CatalogConfig{Catalog: "tpch", File: file})
}

// planOf gives the scheduler's simulation a plan with its sizes.
func (o *Options) planOf(s *coordinator.Shape) sim.Plan {
	out := sim.Plan{Query: s.Query}
	for _, st := range s.Stages {
		stage := sim.PlanStage{Bytes: int64(st.Bytes), Partial: int64(st.Partial)}
		for _, scan := range st.Scans {
			stage.Scans = append(stage.Scans, sim.PlanScan{Bytes: int64(scan.Bytes), Ranges: scan.Ranges, Splits: int(math.Ceil(scan.Table / float64(o.SplitBytes)))})
		}
		out.Stages = append(out.Stages, stage)
	}
	return out
}
