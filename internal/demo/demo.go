package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/waterbear-sql/waterbear/internal/bench"
	"github.com/waterbear-sql/waterbear/internal/cli/client"
	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/internal/protocol"
)

// Config says what is shown.
type Config struct {
	Cluster   localcluster.Config
	Reference bench.ReferenceConfig
	// Scale is the scale factor of the data; Query the number of the TPC-H query.
	Scale float64
	Query int
	// Out is where the show is; Terminal says that lines can be drawn over.
	Out      io.Writer
	Terminal bool
}

// manyTasks are session properties that cut a query on little data into many tasks, as one on much data would be. Left to
// itself Waterbear runs a query of this size as a single task.
func manyTasks(scale float64) map[string]string {
	size := megabytes(scale)
	return map[string]string{
		"waterbear_single_task_input_size":                                             "0B",
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_min": size,
		"fault_tolerant_execution_arbitrary_distribution_compute_task_target_size_max": size,
		"fault_tolerant_execution_hash_distribution_compute_task_target_size":          size,
	}
}

// SmallSplits are properties of catalog hive that go with it.
func SmallSplits(scale float64) map[string]string {
	return map[string]string{"hive.max-split-size": megabytes(max(12*scale, 1))}
}

func megabytes(n float64) string { return fmt.Sprintf("%dB", int64(math.Ceil(n*1e6))) }

// victim is the index of the worker that is killed.
const victim = 1

// killAt is how much of the query's tasks has finished when the worker is killed, provided that each worker has a task to
// run; at killLate it is killed anyway.
const (
	killAt   = 0.4
	killLate = 0.6
)

// pollInterval is how often the progress is looked at.
const pollInterval = 20 * time.Millisecond

// demo is a show that is going on.
type demo struct {
	cfg     Config
	cluster *localcluster.Cluster
	server  *bench.Server
	sql     string
}

// Run runs the show. It is an error when the answers differ.
func Run(ctx context.Context, cfg Config) error {
	d := &demo{cfg: cfg}
	var err error
	if d.sql, err = bench.Query(cfg.Query, cfg.Scale); err != nil {
		return err
	}
	begin := time.Now()
	if d.cluster, err = localcluster.Start(ctx, cfg.Cluster); err != nil {
		return err
	}
	defer d.cluster.Close()
	d.say("Started a coordinator and %d workers in %.1f s: %s", cfg.Cluster.Workers, time.Since(begin).Seconds(), d.cluster.URL())
	d.server = &bench.Server{URL: d.cluster.URL(), Catalog: "hive", Schema: bench.SchemaOf(cfg.Scale), Session: manyTasks(cfg.Scale)}
	d.say("\nLoading TPC-H, scale factor %g, into Parquet tables of catalog hive, unless an earlier run did.", cfg.Scale)
	if err := bench.Load(ctx, d.server, cfg.Scale, cfg.Out); err != nil {
		return err
	}
	right, err := d.askDuckDB(ctx)
	if err != nil {
		return err
	}
	undisturbed, err := d.undisturbed(ctx)
	if err != nil {
		return err
	}
	killed, err := d.withKill(ctx, undisturbed)
	if err != nil {
		return err
	}
	return d.conclude(ctx, right, undisturbed, killed)
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.cfg.Out, format+"\n", args...) }

// askDuckDB gets the answer to compare with.
func (d *demo) askDuckDB(ctx context.Context) (*bench.Answer, error) {
	ref, err := bench.OpenReference(ctx, d.cfg.Reference)
	if err != nil {
		return nil, fmt.Errorf("DuckDB: %w", err)
	}
	defer ref.Close()
	a, took, err := ref.Run(ctx, d.sql)
	if err != nil {
		return nil, fmt.Errorf("DuckDB: %w", err)
	}
	d.say("\nDuckDB, in this process and on the same files, answers query %d in %.2f s: %d rows.", d.cfg.Query, took.Seconds(), len(a.Rows))
	return a, nil
}

// outcome is a query that ended.
type outcome struct {
	id     string
	answer *bench.Answer
	took   time.Duration
	tasks  int
	killed bool
}

// undisturbed runs the query twice, for the first run reads cold files, and shows the second.
func (d *demo) undisturbed(ctx context.Context) (*outcome, error) {
	if _, _, err := d.server.Run(ctx, d.sql, nil); err != nil {
		return nil, err
	}
	d.say("\nQuery %d on the cluster, undisturbed:", d.cfg.Query)
	return d.watch(ctx, nil)
}

// withKill runs the query and kills a worker in the middle of it.
func (d *demo) withKill(ctx context.Context, undisturbed *outcome) (*outcome, error) {
	d.say("\nQuery %d once more. When %.0f %% of its tasks have finished, %s is killed:", d.cfg.Query, 100*killAt, localcluster.WorkerID(victim))
	pid := d.cluster.WorkerPIDs()[victim]
	killed := false
	out, err := d.watch(ctx, func(v *view, p progress, elapsed time.Duration) {
		done := float64(p.finished) / float64(undisturbed.tasks)
		if killed || done < killAt || done < killLate && p.running < d.cfg.Cluster.Workers {
			return
		}
		killed = true
		d.cluster.KillWorker(victim)
		v.say("  %5.1f s   kill -9 %d   (%s and its slots are gone)", elapsed.Seconds(), pid, localcluster.WorkerID(victim))
	})
	if err != nil {
		return nil, fmt.Errorf("with a worker killed: %w", err)
	}
	out.killed = killed
	return out, nil
}

// watch runs the query and shows its progress; each is told of every look at it.
func (d *demo) watch(ctx context.Context, each func(*view, progress, time.Duration)) (*outcome, error) {
	v := &view{out: d.cfg.Out, terminal: d.cfg.Terminal}
	begin := time.Now()
	var out outcome
	ids := make(chan string, 1)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case id := <-ids:
			d.poll(watching, id, func(list []protocol.StageStats) {
				p := progressOf(list)
				if each != nil {
					each(v, p, time.Since(begin))
				}
				v.show(list, time.Since(begin), false)
			})
		case <-watching.Done():
		}
	})
	var err error
	out.answer, out.took, err = d.server.Run(ctx, d.sql, func(r *client.Results) {
		if out.id == "" {
			out.id = r.ID
			ids <- r.ID
		}
	})
	stop()
	wg.Wait()
	if err != nil {
		return nil, err
	}
	last, err := d.stages(ctx, out.id)
	if err != nil {
		return nil, err
	}
	out.tasks = progressOf(last).tasks
	v.show(last, out.took, true)
	return &out, nil
}

// poll looks at a query's stages until ctx ends.
func (d *demo) poll(ctx context.Context, id string, look func([]protocol.StageStats)) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		if list, err := d.stages(ctx, id); err == nil {
			look(list)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// stages asks the coordinator for a query's stages.
func (d *demo) stages(ctx context.Context, id string) ([]protocol.StageStats, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.cluster.URL()+"/v1/query/"+id, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Trino-User", "demo")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/v1/query/%s answered %s", id, res.Status)
	}
	var q struct {
		RootStage *protocol.StageStats `json:"rootStage"`
	}
	if err := json.NewDecoder(res.Body).Decode(&q); err != nil {
		return nil, err
	}
	return stages(q.RootStage), nil
}

// errWrong is the demo's failure: the answers differ.
var errWrong = errors.New("the answers differ")

// shownRows is how many rows of the answer are printed.
const shownRows = 10

// conclude prints answer, comparison, what was run again and what it cost.
func (d *demo) conclude(ctx context.Context, right *bench.Answer, undisturbed, killed *outcome) error {
	d.say("\nThe answer, with a worker killed:")
	d.printAnswer(killed.answer)
	var err error
	for _, o := range []struct {
		how string
		*outcome
	}{{"undisturbed", undisturbed}, {"with a worker killed", killed}} {
		if diff := bench.Compare(o.answer, right, d.sql); diff != "" {
			d.say("WRONG, %s: %s", o.how, diff)
			err = errWrong
		}
	}
	if err != nil {
		return err
	}
	d.say("It equals DuckDB's: %d rows, digit by digit.", len(right.Rows))
	if !killed.killed {
		return errors.New("the query was over before a worker could be killed; try a greater --scale")
	}
	if err := d.printAftermath(ctx, killed); err != nil {
		return err
	}
	d.say("\n%s", costOf(undisturbed.took, killed.took))
	return nil
}

// noise is how much of its time a query may take more or less from run to run for no reason.
const noise = 0.1

// costOf says what the kill cost.
func costOf(undisturbed, killed time.Duration) string {
	cost := killed - undisturbed
	text := fmt.Sprintf("Time: %.2f s undisturbed, %.2f s with the kill: it cost %.2f s.", undisturbed.Seconds(), killed.Seconds(), cost.Seconds())
	if cost.Seconds() < noise*undisturbed.Seconds() {
		text = fmt.Sprintf("Time: %.2f s undisturbed, %.2f s with the kill: no more than runs differ by themselves.", undisturbed.Seconds(), killed.Seconds())
	}
	return text
}

func (d *demo) printAnswer(a *bench.Answer) {
	w := tabwriter.NewWriter(d.cfg.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "  %s\n", strings.Join(a.Columns, "\t"))
	for i, row := range a.Rows {
		if i == shownRows {
			break
		}
		fmt.Fprintf(w, "  %s\n", strings.Join(row, "\t"))
	}
	w.Flush()
	if more := len(a.Rows) - shownRows; more > 0 {
		d.say("  … and %d more", more)
	}
}

// printAftermath tells from the system catalog what became of the killed worker's tasks.
func (d *demo) printAftermath(ctx context.Context, killed *outcome) error {
	rows, _, err := d.server.Run(ctx, "SELECT task_id, node_id, state FROM system.runtime.tasks WHERE query_id = '"+killed.id+"'", nil)
	if err != nil {
		return err
	}
	var attempts []attempt
	for _, row := range rows.Rows {
		attempts = append(attempts, attempt{row[0], row[1], row[2]})
	}
	if len(attempts) == 0 {
		return fmt.Errorf("system.runtime.tasks knows nothing of query %s", killed.id)
	}
	a, err := aftermathOf(attempts, localcluster.WorkerID(victim))
	if err != nil {
		return err
	}
	d.say("\nWhat became of the tasks of %s (attempts are stage.partition.attempt, from system.runtime.tasks):", localcluster.WorkerID(victim))
	d.say("  finished before the kill, output kept in the spool, not run again: %d", a.kept)
	d.say("  running when it was killed: %d   %s", len(a.lost), strings.Join(a.lost, ", "))
	d.say("  run again elsewhere: %d   %s", len(a.again), strings.Join(a.again, ", "))
	d.say("  finished on the other workers: %d", a.finished)
	return nil
}
