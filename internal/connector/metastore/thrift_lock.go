package metastore

import (
	"context"
	"errors"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Locking is a metastore whose tables can be locked, and changed by compare and swap: what table formats need that keep nothing in the
// metastore but where their metadata is.
type Locking interface {
	Metastore
	// Lock waits for the exclusive lock of a table, which need not exist, and returns what releases it. TRANSACTION_CONFLICT says that others
	// have held it for as long as maxWait.
	Lock(ctx context.Context, name connector.SchemaTable, maxWait time.Duration) (release func(context.Context) error, err error)
	// ReplaceTableIf is ReplaceTable, refused with TRANSACTION_CONFLICT when a parameter of the table is not what is expected any more. Hive
	// metastores look at that from version 4 on (HIVE-26882); for older ones the table has to be locked.
	ReplaceTableIf(ctx context.Context, t *Table, parameter, expected string) error
	// TablesWith lists the tables of a schema that have one of the values for a parameter, sorted.
	TablesWith(ctx context.Context, schema, parameter string, values ...string) ([]string, error)
}

// Pauses between questions whether a lock was granted.
const (
	minLockPause = 50 * time.Millisecond
	maxLockPause = 5 * time.Second
)

// unlockTimeout bounds the release of a lock that nobody waits for any more.
const unlockTimeout = 10 * time.Second

// Lock locks a table.
func (m *hms) Lock(ctx context.Context, name connector.SchemaTable, maxWait time.Duration) (func(context.Context) error, error) {
	who, host := m.client.cfg.User, "unknown"
	if who == "" {
		who = "waterbear"
		if u, err := user.Current(); err == nil {
			who = u.Username
		}
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	var l hmsLock
	request := hmsLockRequest{User: who, Host: host, Components: []hmsLockComponent{
		{Type: exclusiveLock, Level: tableLevel, Database: name.Schema, Table: &name.Table, Operation: noTransaction}}}
	if err := m.client.call(ctx, lockTable, &l, request); err != nil {
		return nil, failed(err)
	}
	release := func(ctx context.Context) error {
		err := m.client.call(ctx, unlockTable, nil, hmsLockID{l.ID})
		if is(err, noSuchLock) { // it was released, by an attempt whose answer was lost or because it was held for too long
			return nil
		}
		return failed(err)
	}
	if err := m.awaitLock(ctx, name, &l, maxWait); err != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
		defer cancel()
		return nil, errors.Join(err, release(end))
	}
	return release, nil
}

// awaitLock asks for a lock until it was granted.
func (m *hms) awaitLock(ctx context.Context, name connector.SchemaTable, l *hmsLock, maxWait time.Duration) error {
	begin := time.Now()
	for delay := minLockPause; l.State != lockAcquired; delay = min(2*delay, maxLockPause) {
		if l.State != lockWaiting || time.Since(begin)+delay > maxWait {
			return trinoerr.New(trinoerr.TransactionConflict, "Timed out waiting for lock %d of table %s", l.ID, name)
		}
		wait := time.NewTimer(delay)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return context.Cause(ctx)
		}
		if err := m.client.call(ctx, checkLock, l, hmsLockID{l.ID}); err != nil {
			return failed(err)
		}
	}
	return nil
}

// ReplaceTableIf changes a table if it is as expected.
func (m *hms) ReplaceTableIf(ctx context.Context, t *Table, parameter, expected string) error {
	environment := hmsEnvironment{Properties: map[string]string{"expected_parameter_key": parameter, "expected_parameter_value": expected}}
	for k, v := range leaveStatistics.Properties {
		environment.Properties[k] = v
	}
	err := m.alterWith(ctx, t.Name, t.hms(), environment)
	if err != nil && strings.Contains(err.Error(), "The table has been modified") {
		return trinoerr.Wrap(err, trinoerr.TransactionConflict, "Table %s was changed by others", t.Name)
	}
	return err
}

// TablesWith lists tables by a parameter.
func (m *hms) TablesWith(ctx context.Context, schema, parameter string, values ...string) ([]string, error) {
	terms := make([]string, len(values))
	for i, v := range values {
		// Some databases of metastores cannot compare long texts with an equals sign.
		terms[i] = "hive_filter_field_params__" + parameter + ` like "` + v + `"`
	}
	var names []string
	err := m.client.call(ctx, getTableNames, &names, schema, strings.Join(terms, " or "), int16(-1))
	if is(err, unknownDatabase) {
		return nil, nil
	}
	slices.Sort(names)
	return names, failed(err)
}
