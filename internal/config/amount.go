package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// Amount is a size, or a percentage of something.
type Amount struct {
	Bytes   int64
	Percent float64 // Bytes count when it is zero
}

// Of returns the amount in bytes; total is what a percentage is of.
func (a Amount) Of(total int64) int64 {
	if a.Percent == 0 {
		return a.Bytes
	}
	return int64(float64(total) / 100 * a.Percent)
}

// String writes an amount as it is read.
func (a Amount) String() string {
	if a.Percent == 0 {
		return FormatSize(a.Bytes)
	}
	return strconv.FormatFloat(a.Percent, 'f', -1, 64) + "%"
}

// AmountOf is a data size, or a percentage of what whole names.
func AmountOf[C any](field func(*C) *Amount, whole string) Value[C] {
	return Value[C]{Kind: "size", bounds: "or a percentage of " + whole, sqlType: types.Of(types.Varchar),
		Allowed: "a data size such as 64MB (units B, kB, MB, GB, TB, PB) or a percentage such as 30%",
		set: func(c *C, text string) error {
			if share, found := strings.CutSuffix(strings.TrimSpace(text), "%"); found {
				v, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
				if err != nil || !(v > 0 && v <= 100) {
					return fmt.Errorf("'%s' is not a percentage above 0%% and up to 100%%", text)
				}
				*field(c) = Amount{Percent: v}
				return nil
			}
			v, err := ParseSize(text)
			if err != nil {
				return err
			}
			*field(c) = Amount{Bytes: v}
			return nil
		},
		text: func(c *C) string { return field(c).String() },
	}
}
