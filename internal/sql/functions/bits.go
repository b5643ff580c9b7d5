package functions

import "github.com/waterbear-sql/waterbear/internal/types"

const (
	docShiftLeft       = "Shifts the bits of a number to the left within its width."
	docShiftRight      = "Shifts the bits of a number to the right, filling with zeros."
	docShiftArithmetic = "Shifts the bits of a number to the right, filling with its sign."
)

// bitFunctions see integers as bits in two's complement.
var bitFunctions = concat(
	[]Function{
		{Signature: "bitwise_and(bigint, bigint)", Returns: "bigint", SQL: "($1 & $2)",
			Doc: "Returns the bits that are set in both numbers.", Examples: [][2]string{{"bitwise_and(19, 25)", "17"}}},
		{Signature: "bitwise_or(bigint, bigint)", Returns: "bigint", SQL: "($1 | $2)",
			Doc: "Returns the bits that are set in either number.", Examples: [][2]string{{"bitwise_or(19, 25)", "27"}}},
		{Signature: "bitwise_xor(bigint, bigint)", Returns: "bigint", SQL: "xor($1, $2)",
			Doc: "Returns the bits that are set in exactly one of the numbers.", Examples: [][2]string{{"bitwise_xor(19, 25)", "10"}}},
		{Signature: "bitwise_not(bigint)", Returns: "bigint", SQL: "(~$1)",
			Doc: "Returns the complement of the bits.", Examples: [][2]string{{"bitwise_not(19)", "-20"}}},
		{Signature: "bit_count(bigint, bigint)", Returns: "bigint", SQL: "wb_bit_count($1, $2)",
			Doc: "Counts the set bits of a number that is held in a number of bits.", Examples: [][2]string{{"bit_count(-7, 8)", "6"}}},
	},
	perType(integers,
		Function{Signature: "bitwise_left_shift(T, integer)", Returns: "T", Emit: shift("wb_shift_left"), Doc: docShiftLeft,
			Examples: [][2]string{{"bitwise_left_shift(TINYINT '7', 5)", "-32"}, {"bitwise_left_shift(7, 2)", "28"}}},
		Function{Signature: "bitwise_right_shift(T, integer)", Returns: "T", Emit: shift("wb_shift_right"), Doc: docShiftRight,
			Examples: [][2]string{{"bitwise_right_shift(SMALLINT '-8', 3)", "8191"}}},
		Function{Signature: "bitwise_right_shift_arithmetic(T, integer)", Returns: "T", Emit: shift("wb_shift_arithmetic"), Doc: docShiftArithmetic,
			Examples: [][2]string{{"bitwise_right_shift_arithmetic(-8, 2)", "-2"}}},
	),
)

// shift shifts within the width of the type.
func shift(name string) func(*Site) (string, error) {
	return func(s *Site) (string, error) {
		bits := map[types.Kind]string{types.TinyInt: "8", types.SmallInt: "16", types.Integer: "32", types.BigInt: "64"}[s.Result.Kind]
		return cast(name+"("+s.Args[0].SQL+", "+s.Args[1].SQL+", "+bits+")", s.TypeSQL(s.Result)), nil
	}
}
