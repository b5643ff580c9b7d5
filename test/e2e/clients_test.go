//go:build e2e

package e2e

import (
	"bytes"
	"context"
	dbsql "database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/trinodb/trino-go-client/trino" // the Go client is a driver of database/sql
	"golang.org/x/sys/unix"

	"github.com/waterbear-sql/waterbear/internal/localcluster"
	"github.com/waterbear-sql/waterbear/test/fault"
)

// installClients fetches Trino's clients, once, and returns the directory they are in.
var installClients = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("../install-clients.sh").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("install-clients.sh: %w\n%s", err, out)
	}
	cache := os.Getenv("WATERBEAR_CACHE")
	if cache == "" {
		cache = "../../.cache"
	}
	return filepath.Abs(filepath.Join(cache, "clients"))
})

// asker is one of Trino's clients, unmodified, that is given one query and returns its rows as text, a line for each.
type asker struct {
	name string
	ask  func(ctx context.Context, dir, server, sql string, properties []string) (string, error)
}

var (
	askCLI = asker{"trino-cli", func(ctx context.Context, dir, server, sql string, properties []string) (string, error) {
		args := []string{"-jar", filepath.Join(dir, "trino-cli.jar"), "--server", server, "--user", "e2e", "--catalog", "tpch", "--schema", "tiny",
			"--output-format", "CSV_UNQUOTED", "--execute", sql}
		for _, p := range properties {
			args = append(args, "--session", p)
		}
		return program(ctx, nil, "java", args...)
	}}
	askJDBC = asker{"JDBC", func(ctx context.Context, dir, server, sql string, properties []string) (string, error) {
		return program(ctx, asked(sql, properties), "java", "-cp", filepath.Join(dir, "trino-jdbc.jar"), "../clients/programs/Ask.java",
			strings.Replace(server, "http:", "jdbc:trino:", 1), "e2e")
	}}
	askPython = asker{"Python", func(ctx context.Context, dir, server, sql string, properties []string) (string, error) {
		u, err := url.Parse(server)
		if err != nil {
			return "", err
		}
		return program(ctx, asked(sql, properties), filepath.Join(dir, "venv", "bin", "python"), "../clients/programs/ask.py", u.Hostname(), u.Port(), "e2e")
	}}
	askGo = asker{"Go", func(ctx context.Context, _, server, sql string, properties []string) (string, error) {
		params := url.Values{"catalog": {"tpch"}, "schema": {"tiny"}, "session_properties": {strings.NewReplacer("=", ":", ",", ";").Replace(strings.Join(properties, ","))}}
		db, err := dbsql.Open("trino", strings.Replace(server, "http://", "http://e2e@", 1)+"?"+params.Encode())
		if err != nil {
			return "", err
		}
		defer db.Close()
		rows, err := db.QueryContext(ctx, sql)
		if err != nil {
			return "", err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return "", err
		}
		var out strings.Builder
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return "", err
			}
			for i, v := range values {
				if d, ok := v.(time.Time); ok {
					v = d.Format(time.DateOnly)
				}
				if i > 0 {
					out.WriteByte(',')
				}
				fmt.Fprint(&out, v)
			}
			out.WriteByte('\n')
		}
		return out.String(), rows.Err()
	}}
)

// asked hands a query to a program.
func asked(sql string, properties []string) []string {
	return []string{"SQL=" + sql, "SESSION=" + strings.Join(properties, ",")}
}

// program runs a client and returns what it printed.
func program(ctx context.Context, environment []string, name string, args ...string) (string, error) {
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, errOut.String())
	}
	return out.String(), nil
}

// large lists the large orders: the standard's query 18 with another limit, so that there are rows in tiny; its columns look alike in all
// clients.
const large = `SELECT c_name, o_orderkey, o_orderdate, count(*) AS lines, sum(l_linenumber) AS numbers
FROM customer, orders, lineitem
WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 250)
  AND c_custkey = o_custkey AND o_orderkey = l_orderkey
GROUP BY c_name, o_orderkey, o_orderdate ORDER BY o_orderkey`

// pages lists all lines: tens of megabytes in many pages.
const pages = `SELECT l_orderkey, l_linenumber, count(*) AS lines, max(rpad(l_shipmode, 400, '-')) AS mode
FROM lineitem GROUP BY l_orderkey, l_linenumber ORDER BY l_orderkey, l_linenumber`

// throughDeath has clients ask the same query, each for itself, and strikes when they are all in the middle of it. Every one
// has to print the exact answer.
func throughDeath(t *testing.T, c *localcluster.Cluster, faults fault.Dir, server, sql string, askers []asker, strike func(disarm func())) {
	t.Helper()
	dir, err := installClients()
	if err != nil {
		t.Fatal(err)
	}
	properties := append(manyTasks, "retry_policy=TASK")
	cl := session(c, properties...)
	cl.Server = server
	var want strings.Builder
	for _, row := range mustRows(t, cl, sql) {
		want.WriteString(strings.ReplaceAll(strings.Trim(row, "[]"), `"`, "") + "\n")
	}
	if strings.Count(want.String(), "\n") < 10 {
		t.Fatalf("too few rows to tell anything: %s", want.String())
	}
	hold := arm(t, faults, "task-held-before-run", fault.Aim{Task: midway(t, cl, sql), Times: len(askers)})
	type end struct {
		rows string
		err  error
		took time.Duration
	}
	ends := make([]chan end, len(askers))
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	begun := time.Now()
	for i, a := range askers {
		ends[i] = make(chan end, 1)
		go func() {
			out, err := a.ask(ctx, dir, server, sql, properties)
			ends[i] <- end{out, err, time.Since(begun)}
		}()
	}
	struck(t, hold, len(askers))
	time.Sleep(1500 * time.Millisecond) // past the first second, in which nothing waits for the journal
	for i, a := range askers {
		select {
		case e := <-ends[i]:
			t.Fatalf("%s has ended before the coordinator died: %v", a.name, e.err)
		default:
		}
	}
	strike(func() { disarm(t, hold) })
	struckAt := time.Since(begun)
	for i, a := range askers {
		e := <-ends[i]
		if e.err != nil || e.rows != want.String() {
			t.Errorf("%s: %v\n got %s\nwant %s", a.name, e.err, beginning(e.rows), beginning(want.String()))
			continue
		}
		t.Logf("%s: %d rows, exact, %s after the coordinator's death was over", a.name, strings.Count(e.rows, "\n"), (e.took - struckAt).Round(time.Millisecond))
	}
}

// beginning is enough of a result to tell.
func beginning(rows string) string { return rows[:min(len(rows), 1000)] }

// TestClientsOutliveTakeover18851 kills the coordinator that leads in the middle of the queries of all of Trino's clients, which
// speak to the one that stands by. That takes over, and they notice a pause.
func TestClientsOutliveTakeover18851(t *testing.T) {
	c, faults := withStandby(t, nil)
	throughDeath(t, c, faults, c.StandbyURL(), large, []asker{askCLI, askJDBC, askPython, askGo}, func(disarm func()) {
		c.KillCoordinator()
		disarm()
		awaitStandby(t, c)
	})
	emptySpool(t, c)
}

// TestClientsOutliveRestart18851 ends the only coordinator, by SIGKILL and by the SIGTERM of an upgrade. Its keeper has held its
// socket and starts it again: no connection is refused, and all of Trino's clients notice a pause.
func TestClientsOutliveRestart18851(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		t.Run(unix.SignalName(sig), func(t *testing.T) {
			c, faults := faulty(t, localcluster.Config{Workers: 2, Keep: true})
			before := c.CoordinatorPID()
			throughDeath(t, c, faults, c.URL(), large, []asker{askCLI, askJDBC, askPython, askGo}, func(disarm func()) {
				if err := c.StrikeCoordinator(sig, patience); err != nil {
					t.Fatal(err)
				}
				disarm()
			})
			if after := c.CoordinatorPID(); after == before || after == 0 {
				t.Errorf("the coordinator was process %d and is %d", before, after)
			}
			emptySpool(t, c)
		})
	}
}

// TestClientsReadOn18851 kills the coordinator while clients read a result of many pages.
func TestClientsReadOn18851(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 2, Keep: true})
	throughDeath(t, c, faults, c.URL(), pages, []asker{askCLI, askJDBC, askPython, askGo}, func(disarm func()) {
		disarm()
		until(t, "a client has got pages", func() bool { return reading(t, c) > 0 })
		if err := c.StrikeCoordinator(syscall.SIGKILL, patience); err != nil {
			t.Fatal(err)
		}
	})
	emptySpool(t, c)
}

// reading is how many results are being read.
func reading(t *testing.T, c *localcluster.Cluster) (n int) {
	t.Helper()
	res := get(t, c, http.MethodGet, "/v1/query")
	defer res.Body.Close()
	var queries []struct{ State string }
	if err := json.NewDecoder(res.Body).Decode(&queries); err != nil {
		t.Fatal(err)
	}
	for _, q := range queries {
		if q.State == "FINISHING" {
			n++
		}
	}
	return n
}

// TestClientsAskAgain18851 kills the only coordinator and starts it again in its place, without a keeper. Trino's Java clients ask
// again while nobody listens.
func TestClientsAskAgain18851(t *testing.T) {
	c, faults := faulty(t, localcluster.Config{Workers: 2})
	throughDeath(t, c, faults, c.URL(), large, []asker{askCLI, askJDBC}, func(disarm func()) {
		c.KillCoordinator()
		disarm()
		time.Sleep(time.Second) // a moment in which nobody listens
		if err := c.StartCoordinator(); err != nil {
			t.Fatal(err)
		}
	})
	emptySpool(t, c)
}
