//go:build e2e

package servers

import "testing"

// TestDatabases starts each database, fills a table, kills the server and starts it again: the table is still there.
func TestDatabases(t *testing.T) {
	type database interface {
		Exec(t testing.TB, statements ...string)
		Restart(t testing.TB)
	}
	for name, start := range map[string]func(t testing.TB) database{
		"postgresql": func(t testing.TB) database { return StartPostgreSQL(t) },
		"mariadb":    func(t testing.TB) database { return StartMariaDB(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := start(t)
			d.Exec(t, "CREATE SCHEMA s", "CREATE TABLE s.t (x int)", "INSERT INTO s.t VALUES (1)")
			d.Restart(t)
			d.Exec(t, "INSERT INTO s.t SELECT x + 1 FROM s.t", "DROP TABLE s.t")
		})
	}
}
