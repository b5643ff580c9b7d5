package coordinator

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/scheduler"
	"github.com/waterbear-sql/waterbear/internal/sql/functions"
)

// chance returns the statements that decide what chance brings in a task: the same in all of its attempts, something else in every
// other task. It depends on the query's key, so that nobody can guess it.
func chance(key *exchange.QueryKey, task scheduler.TaskID) []string {
	stage := sha256.Sum256(fmt.Appendf(key[:], "%s.%d", task.Query, task.Stage))
	secret := sha256.Sum256(fmt.Appendf(stage[:], ".%d", task.Partition))
	return []string{
		"SELECT setseed(" + strconv.FormatFloat(seed(binary.BigEndian.Uint32(stage[:]), task.Partition), 'f', -1, 64) + ")",
		fmt.Sprintf("SET VARIABLE %s = '%s'", functions.SecretVariable, hex.EncodeToString(secret[:])),
	}
}

// seed is DuckDB's for a task of a stage. DuckDB makes 32 bits of a number between -1 and 1; those of a stage's tasks are all
// different, as multiplying by an odd number permutes them, and neighbours are far apart.
func seed(stage uint32, partition int) float64 {
	const spread, half = 2654435761, 1<<31 - 1
	bits := stage + uint32(partition)*spread //nolint:gosec // wrapping around is meant
	return (float64(min(bits, 2*half-1))+0.25)/half - 1
}
