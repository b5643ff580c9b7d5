package types

import "testing"

// The common types are what a Trino 476 gives for typeof(if(true, a, b)).
func TestCommonSuperType(t *testing.T) {
	tests := []struct {
		a, b, want string // want is "" when there is none
		aToB, bToA bool
	}{
		{"integer", "double", "double", true, false},
		{"integer", "real", "real", true, false},
		{"bigint", "real", "real", true, false},
		{"tinyint", "smallint", "smallint", true, false},
		{"decimal(2,1)", "double", "double", true, false},
		{"integer", "decimal(2,1)", "decimal(11,1)", false, false},
		{"bigint", "decimal(2,1)", "decimal(20,1)", false, false},
		{"integer", "decimal(10,0)", "decimal(10,0)", true, false},
		{"decimal(38,0)", "decimal(38,38)", "decimal(38,38)", true, false},
		{"decimal(5,2)", "decimal(7,2)", "decimal(7,2)", true, false},
		{"char(3)", "varchar(5)", "char(5)", false, false},
		{"char(8)", "varchar(5)", "char(8)", false, true},
		{"char(8)", "varchar", "char(65536)", false, false},
		{"varchar(3)", "varchar", "varchar", true, false},
		{"date", "timestamp(0)", "timestamp(0)", true, false},
		{"date", "timestamp(0) with time zone", "timestamp(0) with time zone", true, false},
		{"time(0)", "time(6) with time zone", "time(6) with time zone", true, false},
		{"timestamp(9)", "timestamp(3) with time zone", "timestamp(9) with time zone", false, false},
		{"array(integer)", "array(decimal(2,1))", "array(decimal(11,1))", false, false},
		{"row(integer, varchar(1))", "row(decimal(2,1), varchar(3))", "row(decimal(11,1), varchar(3))", false, false},
		{"row(a integer, b integer)", "row(a integer, c bigint)", "row(a integer, bigint)", true, false},
		{"row(integer)", "row(integer, integer)", "", false, false},
		{"map(integer, integer)", "map(bigint, double)", "map(bigint, double)", true, false},
		{"varchar", "integer", "", false, false},
		{"boolean", "integer", "", false, false},
		{"date", "varchar", "", false, false},
		{"interval day to second", "interval year to month", "", false, false},
		{"p4hyperloglog", "hyperloglog", "HyperLogLog", true, false},
		{"varchar", "jsonpath", "JsonPath", true, false},
	}
	for _, tt := range tests {
		a, b := MustParse(tt.a), MustParse(tt.b)
		for _, pair := range [][2]Type{{a, b}, {b, a}} {
			got, ok := CommonSuperType(pair[0], pair[1])
			if ok != (tt.want != "") || ok && got.String() != tt.want {
				t.Errorf("CommonSuperType(%s, %s) = %s, %v, want %s", pair[0], pair[1], got, ok, tt.want)
			}
		}
		if got := CanCoerce(a, b); got != tt.aToB {
			t.Errorf("CanCoerce(%s, %s) = %v", a, b, got)
		}
		if got := CanCoerce(b, a); got != tt.bToA {
			t.Errorf("CanCoerce(%s, %s) = %v", b, a, got)
		}
	}
}

func TestUnknownCoercesToAll(t *testing.T) {
	for k := Boolean; k <= CodePoints; k++ {
		u := Of(k)
		if got, ok := CommonSuperType(u, Of(Unknown)); !ok || !got.Equal(u) {
			t.Errorf("CommonSuperType(%s, unknown) = %s, %v", u, got, ok)
		}
		if !CanCoerce(Of(Unknown), u) || CanCoerce(u, Of(Unknown)) {
			t.Errorf("unknown and %s coerce the wrong way", u)
		}
		if _, ok := traits[k]; !ok {
			t.Errorf("%s has no traits", u)
		}
	}
}

func TestTypeOnlyCoercion(t *testing.T) {
	tests := []struct {
		from, to string
		want     bool
	}{
		{"varchar(3)", "varchar", true},
		{"varchar", "varchar(3)", false},
		{"decimal(10,2)", "decimal(18,2)", true},
		{"decimal(10,2)", "decimal(19,2)", false},
		{"decimal(10,2)", "decimal(18,3)", false},
		{"integer", "bigint", false},
		{"array(varchar(1))", "array(varchar(2))", true},
		{"row(a varchar(1))", "row(b varchar(2))", true},
		{"row(a integer)", "row(b bigint)", false},
	}
	for _, tt := range tests {
		if got := TypeOnlyCoercion(MustParse(tt.from), MustParse(tt.to)); got != tt.want {
			t.Errorf("TypeOnlyCoercion(%s, %s) = %v", tt.from, tt.to, got)
		}
	}
}

func TestDecimalArithmetic(t *testing.T) {
	mul := func(a, b Type) Type {
		r, err := DecimalMultiply(a, b)
		if err != nil {
			return Of(Unknown)
		}
		return r
	}
	tests := []struct {
		op   string
		f    func(a, b Type) Type
		a, b string
		want string
	}{
		{"+", DecimalAdd, "decimal(38,0)", "decimal(1,0)", "decimal(38,0)"},
		{"-", DecimalSubtract, "decimal(10,2)", "decimal(5,4)", "decimal(13,4)"},
		{"*", mul, "decimal(3,2)", "decimal(4,3)", "decimal(7,5)"},
		{"*", mul, "decimal(20,10)", "decimal(20,10)", "decimal(38,20)"},
		{"*", mul, "decimal(38,20)", "decimal(38,20)", "unknown"},
		{"/", DecimalDivide, "decimal(38,10)", "decimal(10,0)", "decimal(38,10)"},
		{"/", DecimalDivide, "decimal(10,2)", "decimal(5,4)", "decimal(16,4)"},
		{"%", DecimalModulus, "decimal(10,2)", "decimal(5,4)", "decimal(5,4)"},
	}
	for _, tt := range tests {
		if got := tt.f(MustParse(tt.a), MustParse(tt.b)); got.String() != tt.want {
			t.Errorf("%s %s %s = %s, want %s", tt.a, tt.op, tt.b, got, tt.want)
		}
	}
}

func TestTraits(t *testing.T) {
	tests := []struct {
		typ                   string
		comparable, orderable bool
	}{
		{"bigint", true, true}, {"json", true, false}, {"map(bigint, bigint)", true, false}, {"ipaddress", true, true},
		{"array(bigint)", true, true}, {"array(json)", true, false}, {"row(bigint, hyperloglog)", false, false},
		{"color", true, false}, {"hyperloglog", false, false}, {"qdigest(bigint)", false, false},
	}
	for _, tt := range tests {
		typ := MustParse(tt.typ)
		if typ.Comparable() != tt.comparable || typ.Orderable() != tt.orderable {
			t.Errorf("%s: comparable %v, orderable %v", typ, typ.Comparable(), typ.Orderable())
		}
	}
}
