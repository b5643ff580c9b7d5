package functions

import "github.com/waterbear-sql/waterbear/internal/types"

// Sketches are held as they are serialised, so that most of their casts change nothing. Only that of a t-digest looks at the
// bytes; other malformed sketches are found out when they are used.

var fromBinary = map[types.Kind]conversion{
	types.UUID: binaryToUUID, types.IPAddress: binaryToIP, types.HyperLogLog: unchanged, types.P4HyperLogLog: unchanged,
	types.QDigest: unchanged, types.SetDigest: unchanged, types.TDigest: applied("wb_tdigest_check"),
}

var fromHyperLogLog = map[types.Kind]conversion{
	types.Varbinary: unchanged, types.HyperLogLog: unchanged, types.P4HyperLogLog: applied("wb_hll_dense"),
}

var setDigestToHyperLogLog = applied("wb_setdigest_hll")

func unchanged(_ *Caster, o Operand, _ types.Type) string { return o.SQL }

func applied(function string) conversion {
	return func(_ *Caster, o Operand, _ types.Type) string { return function + "(" + o.SQL + ")" }
}
