package dsdgen

// Dates are Julian day numbers, as the keys of date_dim.

const (
	julianEpoch = 2440588 // 1970-01-01
	firstYear   = 1998
	lastYear    = 2002 // of sales
)

var (
	dataStart = julian(firstYear, 1, 1)
	dataEnd   = julian(2003, 12, 31)
	salesEnd  = julian(lastYear, 12, 31)
	today     = julian(todayYear, todayMonth, 8)

	// Rows that keep history change at these dates: those with two revisions at the first, those with three at the others.
	halfDate      = dataStart + (dataEnd-dataStart)/2
	thirdDate     = dataStart + (dataEnd-dataStart)/3
	twoThirdsDate = thirdDate + (dataEnd-dataStart)/3
)

const (
	todayYear    = 2003
	todayMonth   = 1
	todayQuarter = 1
	todayWeek    = 2
)

// julian returns the number of a day of the Gregorian calendar.
func julian(year, month, day int64) int64 {
	if month <= 2 {
		month += 12
		year--
	}
	return day + (153*month-457)/5 + 365*year + year/4 - year/100 + year/400 + 1721119
}

// civil returns the year, month and day of a number.
func civil(number int64) (year, month, day int64) {
	// Days are counted from 0000-03-01 on, in eras of 400 years.
	n := number - 1721120
	era := n / 146097
	n -= era * 146097
	yearOfEra := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*yearOfEra + yearOfEra/4 - yearOfEra/100
	shifted := (5*n + 2) / 153
	day = n - (153*shifted+2)/5 + 1
	month = shifted + 3
	year = yearOfEra + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// leap says whether a year has 366 days for the benchmark, which knows no exception for centuries.
func leap(year int64) bool { return year%4 == 0 }

var daysBefore = [2][12]int64{
	{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334},
	{0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335},
}

// daysBeforeMonth is how many days of the year there are before the month.
func daysBeforeMonth(year, month int64) int64 {
	if leap(year) {
		return daysBefore[1][month-1]
	}
	return daysBefore[0][month-1]
}

// salesWeights returns the weights of the days of a year in sales.
func (d *distributions) salesWeights(year int64) *weights {
	if leap(year) {
		return &d.calendar.weights[salesDays+1]
	}
	return &d.calendar.weights[salesDays]
}
