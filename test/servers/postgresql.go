package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// PostgreSQL is a database server.
type PostgreSQL struct {
	*Server
	User, Password, Database string
}

// The user and the password of every database server.
const (
	databaseUser     = "waterbear"
	databasePassword = "water'bear"
)

// StartPostgreSQL starts PostgreSQL. settings are added to its configuration, for example "max_connections=20".
func StartPostgreSQL(t testing.TB, settings ...string) *PostgreSQL {
	t.Helper()
	p := &PostgreSQL{User: databaseUser, Password: databasePassword, Database: "postgres"}
	p.Server = start(t, program{
		name: "postgresql", script: "install-connectors.sh", user: plainUser(),
		prepare: func(s *Server, file string) error {
			// The program reads the password from standard input, because it may not read what the test can.
			init := exec.Command(filepath.Join(filepath.Dir(file), "initdb"), "--pgdata", s.Dir, "--username", p.User, "--auth", "scram-sha-256",
				"--pwfile", "/dev/stdin", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")
			return runAs(plainUser(), init, p.Password+"\n")
		},
		args: func(s *Server) []string {
			args := []string{"-D", s.Dir, "-p", fmt.Sprint(s.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
				"-c", "fsync=off", "-c", "shared_buffers=16MB"}
			for _, set := range settings {
				args = append(args, "-c", set)
			}
			return args
		},
		answers: func(ctx context.Context, s *Server) bool {
			c, err := pgx.Connect(ctx, p.on(s))
			if err != nil {
				return false
			}
			return c.Close(ctx) == nil
		},
	})
	t.Cleanup(func() { // it ends its own processes, which a kill leaves to others
		if p.cmd != nil && p.cmd.Process.Signal(syscall.SIGQUIT) == nil {
			<-p.ended
		}
	})
	p.URL = fmt.Sprintf("jdbc:postgresql://127.0.0.1:%d/%s", p.port, p.Database)
	return p
}

// Address is where clients written in Go find the database, with user and password.
func (p *PostgreSQL) Address() string { return p.on(p.Server) }

// on is the address at a server that may be about to start.
func (p *PostgreSQL) on(s *Server) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s", p.User, p.Password, s.port, p.Database)
}

// Exec runs statements.
func (p *PostgreSQL) Exec(t testing.TB, statements ...string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, p.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// Properties are those of a catalog file.
func (p *PostgreSQL) Properties() map[string]string {
	return map[string]string{"connector.name": "postgresql", "connection-url": p.URL, "connection-user": p.User, "connection-password": p.Password}
}

// plainUser is a user without rights, as whom databases run that refuse to run as root; nil when the test is not run by root.
func plainUser() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

// runAs runs a program as a user, with some text as its input.
func runAs(user *syscall.Credential, cmd *exec.Cmd, input string) error {
	in, err := os.CreateTemp("", "input")
	if err != nil {
		return err
	}
	defer os.Remove(in.Name())
	defer in.Close()
	if _, err := in.WriteString(input); err != nil {
		return err
	}
	if err := in.Chmod(0o644); err != nil { // /dev/stdin is opened anew
		return err
	}
	if _, err := in.Seek(0, 0); err != nil {
		return err
	}
	cmd.Stdin, cmd.Dir, cmd.SysProcAttr = in, "/", &syscall.SysProcAttr{Credential: user, Pdeathsig: syscall.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
