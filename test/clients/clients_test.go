//go:build e2e

package clients

import (
	"context"
	dbsql "database/sql"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trinodb/trino-go-client/trino"
)

func TestCLI(t *testing.T) {
	t.Parallel()
	url, sql := server(t)
	jar := filepath.Join(clientDir(t), "trino-cli.jar")
	stdout, stderr, err := sql.command(t, "java", "-jar", jar, "--server", url, "--user", "x", "--ignore-errors", "--progress",
		"--output-format", "CSV_HEADER", "--execute",
		strings.Join([]string{sql.types, "PREPARE p FROM " + sql.prepared, "EXECUTE p USING 42, 'it''s'", sql.create, sql.drop, "USE memory.default", sql.pages, sql.fails}, ";"))
	if err == nil {
		t.Error("exit code 0 although a statement failed")
	}
	wantLines(t, stdout, `
"i","s","d","f","b","dt","ts","tz","a","m","r","v","n"
"9007199254740993","é""x","123.40","1.5","true","2020-02-29","2020-01-01 01:02:03.123456","2020-01-01 01:02:03.123 UTC","[1, NULL]","{k=1}","{x=1, y=z}","00 ff",""
"a","b"
"42","it's"
"n"
"1"
"2"
"3"
"4"
"5"
"6"
"7"
"8"
"9"
"10"
"11"
"12"
`)
	for _, want := range []string{
		"failed: line 1:8: Column 'foo' cannot be resolved\nLINE 1: SELECT foo\n               ^\n", "CREATE TABLE: 7 rows\n", "DROP TABLE\n", "USE\n",
		", FINISHED, ", " done (100.00%)\n",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("messages lack %q:\n%s", want, stderr)
		}
	}
}

func TestJDBC(t *testing.T) {
	t.Parallel()
	url, sql := server(t)
	jar := filepath.Join(clientDir(t), "trino-jdbc.jar")
	stdout, stderr, err := sql.command(t, "java", "-cp", jar, "programs/Test.java", strings.Replace(url, "http:", "jdbc:trino:", 1), "x")
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	wantLines(t, stdout, `
i bigint 9007199254740993
s varchar(5) é"x
d decimal(10,2) 123.40
f double 1.5
b boolean true
dt date 2020-02-29
ts timestamp(6) 2020-01-01 01:02:03.123456
tz timestamp(3) with time zone 2020-01-01 01:02:03.123 UTC
a array(integer) [1, null]
m map(varchar,integer) {k=1}
r row(x integer,y varchar) {x=1, y=z}
v varbinary 0x00FF
n unknown null
prepared 42 it's
error 47 Query failed (#): line 1:8: Column 'foo' cannot be resolved
updated 7
dropped 0
session memory.default
pages 12 with progress
cancelled
`)
	wantCancelled(t, url, sql.hang)
}

func TestPython(t *testing.T) {
	t.Parallel()
	url, sql := server(t)
	host, port, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
	stdout, stderr, err := sql.command(t, filepath.Join(clientDir(t), "venv", "bin", "python"), "programs/client.py", host, port, "x")
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	wantLines(t, stdout, `
i bigint 9007199254740993
s varchar(5) 'é"x'
d decimal(10, 2) Decimal('123.40')
f double 1.5
b boolean True
dt date datetime.date(2020, 2, 29)
ts timestamp(6) datetime.datetime(2020, 1, 1, 1, 2, 3, 123456)
tz timestamp(3) with time zone datetime.datetime(2020, 1, 1, 1, 2, 3, 123000, tzinfo=zoneinfo.ZoneInfo(key='UTC'))
a array(integer) [1, None]
m map(varchar, integer) {'k': 1}
r row(x integer, y varchar) (x: 1, y: 'z')
v varbinary b'\x00\xff'
n unknown None
prepared [42, "it's"]
error COLUMN_NOT_FOUND (1, 8) line 1:8: Column 'foo' cannot be resolved
update CREATE TABLE 7
update DROP TABLE
pages 12 FINISHED
cancelled USER_CANCELED
`)
	wantCancelled(t, url, sql.hang)
}

func TestGo(t *testing.T) {
	t.Parallel()
	url, sql := server(t)
	db, err := dbsql.Open("trino", strings.Replace(url, "http://", "http://x@", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	var count int
	rows, err := db.QueryContext(t.Context(), sql.pages)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		count++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || count != 12 {
		t.Errorf("pages: %d rows, %v", count, err)
	}

	var (
		i, s, dec, f, b, dt, ts, tz, a, m, r, v, n any
		names                                      []string
	)
	rows, err = db.QueryContext(t.Context(), sql.types)
	if err != nil {
		t.Fatal(err)
	}
	if names, err = rows.Columns(); err != nil || strings.Join(names, ",") != "i,s,d,f,b,dt,ts,tz,a,m,r,v,n" {
		t.Errorf("columns %v, %v", names, err)
	}
	for rows.Next() {
		if err := rows.Scan(&i, &s, &dec, &f, &b, &dt, &ts, &tz, &a, &m, &r, &v, &n); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	if i != int64(9007199254740993) || s != `é"x` || dec != "123.40" || f != 1.5 || b != true || n != nil ||
		!ts.(time.Time).Equal(time.Date(2020, 1, 1, 1, 2, 3, 123456000, ts.(time.Time).Location())) {
		t.Errorf("row: %v %v %v %v %v %v %v", i, s, dec, f, b, ts, n)
	}

	var (
		number int64
		text   string
	)
	if err := db.QueryRowContext(t.Context(), sql.prepared, 42, "it's").Scan(&number, &text); err != nil || number != 42 || text != "it's" {
		t.Errorf("prepared: %d %q, %v", number, text, err)
	}

	var failed *trino.ErrQueryFailed
	if _, err := db.ExecContext(t.Context(), sql.fails); !errors.As(err, &failed) || !strings.Contains(err.Error(), "Column 'foo' cannot be resolved") {
		t.Errorf("error: %v", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if hanging, err := db.QueryContext(ctx, sql.hang); err == nil {
		for hanging.Next() {
		}
		if err := errors.Join(hanging.Err(), hanging.Close()); err == nil {
			t.Error("the hanging query ended well")
		}
	}
	wantCancelled(t, url, sql.hang)
}

// A second run of the script finds everything there and fetches nothing.
func TestInstallIsIdempotent(t *testing.T) {
	clientDir(t)
	out, err := exec.Command("../install-clients.sh").CombinedOutput()
	if err != nil || strings.Contains(string(out), "fetching") || strings.Contains(string(out), "installing") {
		t.Errorf("second run: %v\n%s", err, out)
	}
}
