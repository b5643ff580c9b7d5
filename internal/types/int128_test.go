package types

import (
	"math"
	"math/big"
	"testing"
)

func TestInt128(t *testing.T) {
	limit := new(big.Int).Lsh(big.NewInt(1), 127)
	values := []*big.Int{big.NewInt(0), big.NewInt(-1), big.NewInt(math.MaxInt64), big.NewInt(math.MinInt64),
		new(big.Int).Sub(limit, big.NewInt(1)), new(big.Int).Sub(big.NewInt(1), limit), new(big.Int).Lsh(big.NewInt(-1), 64)}
	for _, b := range values {
		v, ok := Int128FromBig(b)
		if !ok || v.Big().Cmp(b) != 0 || v.String() != b.String() {
			t.Errorf("%s becomes %s, %v", b, v, ok)
		}
		if n, ok := v.Int64(); ok != b.IsInt64() || ok && n != b.Int64() {
			t.Errorf("%s.Int64() = %d, %v", b, n, ok)
		}
		for _, c := range values {
			if u, _ := Int128FromBig(c); v.Cmp(u) != b.Cmp(c) {
				t.Errorf("Cmp(%s, %s) = %d", b, c, v.Cmp(u))
			}
		}
	}
	if _, ok := Int128FromBig(limit); ok {
		t.Error("2^127 fits")
	}
}
