package servers

import (
	"context"
	"database/sql"
	"fmt"
	"os/exec"
	"testing"

	_ "github.com/go-sql-driver/mysql" // speaks MariaDB's protocol
)

// MariaDB is a database server that speaks MySQL's protocol.
type MariaDB struct {
	*Server
	User, Password string
}

// StartMariaDB starts MariaDB. settings are added to its options, for example "--lower-case-table-names=1".
func StartMariaDB(t testing.TB, settings ...string) *MariaDB {
	t.Helper()
	m := &MariaDB{User: databaseUser, Password: databasePassword}
	m.Server = start(t, program{
		name: "mariadb", script: "install-connectors.sh", user: plainUser(),
		prepare: func(s *Server, _ string) error {
			init := exec.Command("mariadb-install-db", "--no-defaults", "--datadir="+s.Dir, "--auth-root-authentication-method=normal", "--skip-test-db",
				"--skip-name-resolve")
			return runAs(plainUser(), init, "")
		},
		args: func(s *Server) []string {
			return append([]string{"--no-defaults", "--datadir=" + s.Dir, "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", s.port),
				"--socket=" + s.Dir + "/socket", "--pid-file=" + s.Dir + "/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
				"--character-set-server=utf8mb4", "--skip-name-resolve", "--local-infile=ON"}, settings...)
		},
		answers: func(ctx context.Context, s *Server) bool {
			return m.exec(ctx, fmt.Sprintf("root@tcp(127.0.0.1:%d)/", s.port),
				"CREATE USER IF NOT EXISTS '"+m.User+"'@'%' IDENTIFIED BY 'water''bear'", "GRANT ALL ON *.* TO '"+m.User+"'@'%'") == nil
		},
	})
	m.URL = fmt.Sprintf("jdbc:mariadb://127.0.0.1:%d", m.port)
	return m
}

// Address is where clients written in Go find the databases, with user and password.
func (m *MariaDB) Address() string {
	return fmt.Sprintf("%s:%s@tcp(127.0.0.1:%d)/", m.User, m.Password, m.port)
}

// Exec runs statements.
func (m *MariaDB) Exec(t testing.TB, statements ...string) {
	t.Helper()
	if err := m.exec(context.Background(), m.Address(), statements...); err != nil {
		t.Fatal(err)
	}
}

// Properties are those of a catalog file.
func (m *MariaDB) Properties() map[string]string {
	return map[string]string{"connector.name": "mariadb", "connection-url": m.URL, "connection-user": m.User, "connection-password": m.Password}
}

func (m *MariaDB) exec(ctx context.Context, address string, statements ...string) error {
	db, err := sql.Open("mysql", address)
	if err != nil {
		return err
	}
	defer db.Close()
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, s := range statements {
		if _, err := c.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
