package jdbc

import "testing"

func TestUnscaled(t *testing.T) {
	for _, tt := range []struct {
		text  string
		scale int
		// want is the result by rounding; "-" where there is none.
		unnecessary, up, down, ceiling, floor, halfUp, halfDown, halfEven string
	}{
		{"1.25", 2, "125", "125", "125", "125", "125", "125", "125", "125"},
		{"1.2500", 2, "125", "125", "125", "125", "125", "125", "125", "125"},
		{"1.25", 1, "-", "13", "12", "13", "12", "13", "12", "12"},
		{"-1.25", 1, "-", "-13", "-12", "-12", "-13", "-13", "-12", "-12"},
		{"1.35", 1, "-", "14", "13", "14", "13", "14", "13", "14"},
		{"1.251", 1, "-", "13", "12", "13", "12", "13", "13", "13"},
		{"-0.04", 1, "-", "-1", "0", "0", "-1", "0", "0", "0"},
		{"7", 3, "7000", "7000", "7000", "7000", "7000", "7000", "7000", "7000"},
		{"x", 0, "-", "-", "-", "-", "-", "-", "-", "-"},
		{"", 2, "-", "-", "-", "-", "-", "-", "-", "-"},
		{"-.", 2, "-", "-", "-", "-", "-", "-", "-", "-"},
		{"1.2e5", 1, "-", "-", "-", "-", "-", "-", "-", "-"},
		{"99999999999999999999999999999999999999999", 0, "-", "-", "-", "-", "-", "-", "-", "-"},
	} {
		for r, want := range map[Rounding]string{Unnecessary: tt.unnecessary, Up: tt.up, Down: tt.down, Ceiling: tt.ceiling, Floor: tt.floor, HalfUp: tt.halfUp,
			HalfDown: tt.halfDown, HalfEven: tt.halfEven} {
			got := "-"
			if n, ok := Unscaled(tt.text, tt.scale, r); ok {
				got = n.String()
			}
			if got != want {
				t.Errorf("%s with %d digits, rounded %s, is %s, want %s", tt.text, tt.scale, r, got, want)
			}
		}
	}
}

func TestPlainDecimal(t *testing.T) {
	for _, tt := range []struct {
		text  string
		scale int
		want  string // empty: left to Unscaled
	}{
		{"0", 0, "0"}, {"-0.00", 2, "0"}, {"1.25", 2, "125"}, {"-1.2", 2, "-120"}, {"7", 3, "7000"}, {".5", 1, "5"}, {"5.", 1, "50"},
		{"999999999999999999", 0, "999999999999999999"}, {"1234567890123456789.01", 2, "123456789012345678901"},
		{"-99999999999999999999999999999999999999", 0, "-99999999999999999999999999999999999999"}, {"1", 37, "10000000000000000000000000000000000000"},
		{"", 2, ""}, {"-", 0, ""}, {".", 0, ""}, {"+1", 0, ""}, {"1.25", 1, ""}, {"1.2.3", 5, ""}, {"1e3", 0, ""}, {" 1", 0, ""}, {"1", 38, ""},
		{"000000000000000000000000000000000000001", 0, ""},
	} {
		n, ok := plainDecimal(tt.text, tt.scale)
		if got := n.String(); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%q with %d digits is %s, %t, want %q", tt.text, tt.scale, got, ok, tt.want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { plainDecimal([]byte("-12345678901234567890.12"), 2) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzDecimal compares the quick way to read a decimal with the other.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"-1234.50", "99999999999999999999999999999999999999", "0", "1.2.3", "-", "+.5", "0x1f", "1_0"} {
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, s string, scale uint8) {
		n, ok := plainDecimal(s, int(scale%39))
		if !ok {
			return
		}
		if want, ok := Unscaled(s, int(scale%39), Unnecessary); !ok || n != want {
			t.Errorf("%q with %d digits is %s, want %s, %t", s, scale%39, n, want, ok)
		}
	})
}
