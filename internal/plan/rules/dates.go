package rules

import (
	"time"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// addMonths moves a date by months; a day that the month does not have becomes its last one.
func addMonths(d types.DateValue, months int64) types.DateValue {
	const day = 24 * 60 * 60
	t := time.Unix(int64(d)*day, 0).UTC()
	first := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, int(months), 0)
	last := first.AddDate(0, 1, -1).Day()
	return types.DateValue(first.AddDate(0, 0, min(t.Day(), last)-1).Unix() / day)
}
