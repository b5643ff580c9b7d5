package ducktest

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// Quotients of decimals are exact whichever way they are computed: by doubles, in 128 bits, with a constant divisor or a column. Half of the dividends lie right at, below or
// above the middle between two results, where a rounding that is off shows.
func TestQuotients(t *testing.T) {
	i, err := engine.Open(t.Context(), engine.Config{MemoryLimit: 1 << 30, Threads: 1, ScratchDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	r := rand.New(rand.NewPCG(7, 31))
	for _, pair := range [][2]types.Type{
		{types.DecimalOf(10, 2), types.DecimalOf(10, 0)}, {types.DecimalOf(15, 2), types.DecimalOf(3, 0)}, {types.DecimalOf(13, 2), types.DecimalOf(15, 2)},
		{types.DecimalOf(18, 4), types.DecimalOf(9, 2)}, {types.DecimalOf(38, 2), types.DecimalOf(38, 2)}, {types.DecimalOf(38, 0), types.DecimalOf(7, 6)},
		{types.DecimalOf(7, 7), types.DecimalOf(15, 0)}, {types.DecimalOf(38, 30), types.DecimalOf(2, 2)}, {types.DecimalOf(38, 38), types.DecimalOf(38, 4)},
	} {
		a, b := pair[0], pair[1]
		result := types.DecimalDivide(a, b)
		var rows, want []string
		for range 300 {
			n, d := digits(r, min(a.P, 30-b.S)), digits(r, b.P)
			if d.Sign() == 0 {
				d.SetInt64(3)
			}
			if r.IntN(2) == 0 && a.P > 12 { // about (k + 1/2) * d, where the result's unit is 1
				shift := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(result.S-a.S+b.S)), nil)
				k := new(big.Int).Quo(new(big.Int).Mul(n, shift), d)
				twice := new(big.Int).Add(new(big.Int).Lsh(k, 1), big.NewInt(1))
				n.Quo(n.Quo(n.Mul(twice, d), big.NewInt(2)), shift).Add(n, big.NewInt(int64(r.IntN(3)-1)))
			}
			rows = append(rows, fmt.Sprintf("(%d, DECIMAL '%s', DECIMAL '%s')", len(rows), decimal(n, a.S), decimal(d, b.S)))
			want = append(want, decimal(halfUp(n, d, result.S-a.S+b.S), result.S))
		}
		table := fmt.Sprintf("(SELECT i, CAST(n AS %s) AS n, CAST(d AS %s) AS d FROM (VALUES %s) t(i, n, d))", a, b, strings.Join(rows, ", "))
		got, err := value(i, "array_join((SELECT array_agg(CAST(n / d AS varchar) ORDER BY i) FROM "+table+"), ';', 'NULL')")
		if err != nil {
			t.Fatalf("%s / %s: %v", a, b, err)
		}
		for k, g := range strings.Split(got, ";") {
			if g != want[k] {
				t.Errorf("%s / %s of %s = %s, want %s", a, b, rows[k], g, want[k])
			}
		}
		got, err = value(i, "array_join((SELECT array_agg(CAST(n / CAST(DECIMAL '3' AS "+types.DecimalOf(5, 0).String()+") AS varchar) ORDER BY i) FROM "+table+"), ';', 'NULL')")
		if err != nil {
			t.Fatalf("%s / 3: %v", a, err)
		}
		for k, g := range strings.Split(got, ";") {
			n, _ := new(big.Int).SetString(strings.ReplaceAll(strings.Split(rows[k], "'")[1], ".", ""), 10)
			if w := decimal(halfUp(n, big.NewInt(3), 0), a.S); g != w {
				t.Errorf("%s of %s / 3 = %s, want %s", a, rows[k], g, w)
			}
		}
		got, err = value(i, "array_join((SELECT array_agg(CAST(m AS varchar) ORDER BY g) FROM (SELECT i / 7 AS g, avg(n) AS m FROM "+table+" GROUP BY 1)), ';', 'NULL')")
		if err != nil {
			t.Fatalf("avg(%s): %v", a, err)
		}
		for g, m := range strings.Split(got, ";") {
			sum, count := new(big.Int), int64(0)
			for k := g * 7; k < min(g*7+7, len(rows)); k++ {
				n, _ := new(big.Int).SetString(strings.ReplaceAll(strings.Split(rows[k], "'")[1], ".", ""), 10)
				sum.Add(sum, n)
				count++
			}
			if w := decimal(halfUp(sum, big.NewInt(count), 0), a.S); m != w {
				t.Errorf("avg(%s) of group %d = %s, want %s", a, g, m, w)
			}
		}
	}
}

// digits is a number of up to n digits, of either sign; small ones are as frequent as large ones.
func digits(r *rand.Rand, n int) *big.Int {
	out := new(big.Int)
	for range r.IntN(n) + 1 {
		out.Mul(out, big.NewInt(10)).Add(out, big.NewInt(int64(r.IntN(10))))
	}
	if r.IntN(2) == 0 {
		out.Neg(out)
	}
	return out
}

// halfUp is n * 10^shift / d, rounded half away from zero.
func halfUp(n, d *big.Int, shift int) *big.Int {
	n = new(big.Int).Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift)), nil))
	negative := n.Sign()*d.Sign() < 0
	n.Abs(n)
	abs := new(big.Int).Abs(d)
	q := n.Quo(n.Add(n.Lsh(n, 1), abs), new(big.Int).Lsh(abs, 1))
	if negative {
		q.Neg(q)
	}
	return q
}

// decimal writes a number with so many digits behind the point.
func decimal(n *big.Int, scale int) string {
	text := new(big.Int).Abs(n).String()
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	if scale > 0 {
		text = text[:len(text)-scale] + "." + text[len(text)-scale:]
	}
	if n.Sign() < 0 {
		text = "-" + text
	}
	return text
}
