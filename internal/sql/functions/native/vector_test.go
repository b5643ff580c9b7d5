package native

import (
	"fmt"
	"testing"
)

func anys(vs ...any) []any { return vs }

// TestListFunctions has Trino's answers.
func TestListFunctions(t *testing.T) {
	for _, c := range []struct {
		name string
		args []any
		want string
	}{
		{"wb_combinations", anys(int64(4), int64(2)), "[1 2 1 3 2 3 1 4 2 4 3 4]"},
		{"wb_combinations", anys(int64(3), int64(4)), "[]"},
		{"wb_combinations", anys(int64(3), int64(0)), "[]"},
		{"wb_combinations", anys(int64(9), int64(6)), "combination size must not exceed 5: 6"},
		{"wb_combinations", anys(int64(100), int64(5)), "combinations exceed max size"},
		{"wb_sequence", anys(int64(9223372036854775807), int64(-9223372036854775808), int64(-9223372036854775807)), "[9223372036854775807 0 -9223372036854775807]"},
		{"wb_sequence", anys(int64(1), int64(10), int64(4)), "[1 5 9]"},
		{"wb_sequence", anys(int64(1), int64(10_000), int64(1)), ""},
		{"wb_sequence", anys(int64(1), int64(10_001), int64(1)), "result of sequence function must not have more than 10000 entries"},
		{"wb_sequence", anys(int64(1), int64(10), int64(0)), "step must not be zero"},
		{"wb_width_bucket", anys(3.14, anys(0.0, 2.0, 4.0)), "2"},
		{"wb_width_bucket", anys(1.5, anys(1.0, 2.3, 2.0)), "1"},
		{"wb_width_bucket", anys(3.1, anys(1.0, 0.0, -1.0)), "Bin values are not sorted in ascending order"},
		{"wb_even_bucket", anys(3.5, 0.0, 10.0, int64(5)), "2"},
		{"wb_even_bucket", anys(4.0, 4.0, 0.0, int64(4)), "0"},
		{"wb_even_bucket", anys(5.0, 0.0, 4.0, int64(9223372036854775807)), "Bucket for value 5.0 is out of range"},
		{"wb_cosine_similarity", anys(anys(1.0, 0.0), anys(1.0, 0.0)), "1"},
		{"wb_cosine_similarity", anys(anys(), anys()), "Vector magnitude cannot be zero"},
		{"wb_cosine_similarity", anys(anys(1.0, nil), anys(1.0, 2.0)), "<nil>"},
		{"wb_euclidean_distance", anys(anys(1.0, nil), anys(1.0, 2.0)), "2"},
		{"wb_dot_product", anys(anys(1.0), anys(1.0, 2.0)), "The arguments must have the same length"},
		{"wb_round_integer", anys(int64(127), int64(-1), "tinyint"), "Out of range for tinyint: 130"},
		{"wb_round_integer", anys(int64(-125), int64(-1), "bigint"), "-130"},
		{"wb_double_decimal", anys(0.1234567890123456789, int64(30), int64(30)), "123456789012345680000000000000"},
		{"wb_double_decimal", anys(2.34e20, int64(20), int64(0)), "Cannot cast DOUBLE '2.34E20' to DECIMAL(20, 0)"},
		{"wb_real_decimal", anys(float32(1456213.432632456), int64(18), int64(9)), "1456213400000000"},
		{"wb_unixtime", anys(1e20), "Millis overflow: 9223372036854775807"},
		{"wb_scale_interval", anys(int64(5), 0.5, "multiply"), "2"},
		{"wb_scale_interval", anys(int64(5), 0.0, "divide"), "Cannot divide by double 0.0"},
	} {
		got, err := named(t, c.name).Call(c.args)
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
		}
		if c.want != "" && text != c.want {
			t.Errorf("%s%v: got %s, want %s", c.name, c.args, text, c.want)
		}
	}
}

func named(t *testing.T, name string) *Function {
	for i := range Functions {
		if Functions[i].Name == name {
			return &Functions[i]
		}
	}
	t.Fatal("no function " + name)
	return nil
}
