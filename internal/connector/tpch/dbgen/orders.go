package dbgen

// Orders and their lines. A unit of both tables is an order; order columns that sum up the lines replay the streams of
// the lineitem columns.

const (
	maxLines = 7
	firstDay = 8035       // 1992-01-01
	today    = 9298       // 1995-06-17, the benchmark's current date
	dayCount = 2557 - 151 // order dates end 151 days before the end of 1998
	dateSeed = 1066728069 // order dates
	lineSeed = 1434868289 // lines per order
	shipSeed = 1769349045 // days from order to shipping
	flagSeed = 717419739  // return flags
	partSeed = 1808217256 // parts
	qtySeed  = 209208115  // quantities
	discSeed = 554590007  // discounts
	taxSeed  = 721958466  // taxes
	recvSeed = 373135028  // days from shipping to receipt
)

func orderDates(unit int64) *stream {
	s := uniform(dateSeed, firstDay, firstDay+dayCount-1, 1)
	s.seek(unit)
	return s
}

func shipDays() *stream    { return uniform(shipSeed, 1, 121, maxLines) }
func receiptDays() *stream { return uniform(recvSeed, 1, 30, maxLines) }
func partKeys(sf float64) source {
	return keys(partSeed, sf, scaled(partBase, sf), maxLines)
}

// lines generates what the columns of lineitem have in common: how many lines each order has, and its date.
type lines struct {
	count   uint64
	pending int // lines of the next order, when already drawn; else 0
	dates   *stream
	needed  bool // the dates are
	counts  []uint8
	days    []int64
	days32  []int32
}

func newLines(unit int64) *lines {
	return &lines{count: advance(lineSeed, unit), dates: orderDates(unit)}
}

// fill chooses as many of the next orders as fit into maxRows, at most maxUnits.
func (l *lines) fill(u *units, maxUnits, maxRows int) {
	l.counts = l.counts[:0]
	u.rows = 0
	for len(l.counts) < maxUnits {
		if l.pending == 0 {
			l.count = next(l.count)
			l.pending = 1 + int(pick(l.count, maxLines))
		}
		if u.rows+l.pending > maxRows {
			break
		}
		l.counts = append(l.counts, uint8(l.pending))
		u.rows += l.pending
		l.pending = 0
	}
	u.n, u.counts = len(l.counts), l.counts
	if l.needed {
		each := units{n: u.n, fixed: 1, rows: u.n}
		l.days = l.dates.fill(l.days, &each)
		l.days32 = narrow(l.days32, l.days)
		u.dates = l.days32
	}
}

// orderKey is the sparse key of the order.
func orderKey(start) filler {
	return func(u *units, v *Vector) {
		v.I64 = resize(v.I64, u.rows)
		k := 0
		for i := range u.n {
			key := sparseKey(u.first + int64(i) + 1)
			for range u.count(i) {
				v.I64[k] = key
				k++
			}
		}
	}
}

func lineNumber(start) filler {
	return func(u *units, v *Vector) {
		v.I32 = resize(v.I32, u.rows)
		k := 0
		for i := range u.n {
			for line := range u.count(i) {
				v.I32[k] = int32(line + 1)
				k++
			}
		}
	}
}

func lineSupplier(s start) filler {
	parts, which := partKeys(s.sf), uniform(2095021727, 0, 3, maxLines)
	parts.seek(s.unit)
	which.seek(s.unit)
	suppliers := scaled(supplierBase, s.sf)
	var tmp []int64
	return func(u *units, v *Vector) {
		tmp = parts.fill(tmp, u)
		v.I64 = which.fill(v.I64, u)
		for i, part := range tmp {
			v.I64[i] = supplierOf(part, v.I64[i], suppliers)
		}
	}
}

// quantity is a number of pieces, in hundredths like all amounts.
func quantity(s start) filler {
	src := uniform(qtySeed, 1, 50, maxLines)
	src.seek(s.unit)
	return func(u *units, v *Vector) {
		v.I64 = src.fill(v.I64, u)
		for i := range v.I64 {
			v.I64[i] *= 100
		}
	}
}

func extendedPrice(s start) filler {
	parts, quantities := partKeys(s.sf), uniform(qtySeed, 1, 50, maxLines)
	parts.seek(s.unit)
	quantities.seek(s.unit)
	var tmp []int64
	return func(u *units, v *Vector) {
		tmp = parts.fill(tmp, u)
		v.I64 = quantities.fill(v.I64, u)
		for i, part := range tmp {
			v.I64[i] *= retailPrice(part)
		}
	}
}

// lineDate is the order's date plus the days of some streams.
func lineDate(streams ...func() *stream) maker {
	return func(s start) filler {
		days := newLineDays(s, streams...)
		return func(u *units, v *Vector) { v.I32 = days.fill(v.I32, u) }
	}
}

// lineDays computes dates of lines.
type lineDays struct {
	sources []*stream
	tmp     []int64
}

func newLineDays(s start, streams ...func() *stream) *lineDays {
	s.lines.needed = true
	d := new(lineDays)
	for _, make := range streams {
		src := make()
		src.seek(s.unit)
		d.sources = append(d.sources, src)
	}
	return d
}

func (d *lineDays) fill(dst []int32, u *units) []int32 {
	dst = resize(dst, u.rows)
	k := 0
	for i, day := range u.dates {
		for range u.count(i) {
			dst[k] = day
			k++
		}
	}
	for _, src := range d.sources {
		d.tmp = src.fill(d.tmp, u)
		for i, n := range d.tmp {
			dst[i] += int32(n)
		}
	}
	return dst
}

func commitDays() *stream { return uniform(904914315, 30, 90, maxLines) }

// returnFlag is R or A for what has been received by the current date, else N. Only the former draw.
func returnFlag(s start) filler {
	days := newLineDays(s, shipDays, receiptDays)
	x := advance(flagSeed, s.unit*maxLines)
	var received []int32
	return func(u *units, v *Vector) {
		received = days.fill(received, u)
		letters(u, v)
		k := 0
		for i := range u.n {
			draws := 0
			for range u.count(i) {
				v.Data[k] = 'N'
				if received[k] <= today {
					x = next(x)
					draws++
					v.Data[k] = returnFlags.at(x)[0]
				}
				k++
			}
			x = mulmod(x, jumps[maxLines-draws])
		}
	}
}

// lineStatus is F for what has been shipped by the current date, else O.
func lineStatus(s start) filler {
	days := newLineDays(s, shipDays)
	var shipped []int32
	return func(u *units, v *Vector) {
		shipped = days.fill(shipped, u)
		letters(u, v)
		for i, day := range shipped {
			v.Data[i] = 'O'
			if day <= today {
				v.Data[i] = 'F'
			}
		}
	}
}

// letters prepares v for values of one letter.
func letters(u *units, v *Vector) {
	v.Data = resize(v.Data, u.rows)
	v.Offsets = resize(v.Offsets, u.rows+1)
	for i := range v.Offsets {
		v.Offsets[i] = uint32(i)
	}
}

func orderDate(s start) filler {
	src := orderDates(s.unit)
	var tmp []int64
	return func(u *units, v *Vector) {
		tmp = src.fill(tmp, u)
		v.I32 = narrow(v.I32, tmp)
	}
}

// orderCustomer is any customer but each third one, which never orders.
func orderCustomer(s start) filler {
	last := scaled(customerBase, s.sf)
	src := keys(851767375, s.sf, last, 1)
	src.seek(s.unit)
	return func(u *units, v *Vector) {
		v.I64 = src.fill(v.I64, u)
		for i, key := range v.I64 {
			for delta := int64(1); key%3 == 0; delta = -delta {
				key = min(key+delta, last)
			}
			v.I64[i] = key
		}
	}
}

// orderLines replays the lines of orders, one of which is a unit and a row of the orders table.
type orderLines struct {
	lines *lines
	units units
}

func newOrderLines(s start) *orderLines { return &orderLines{lines: newLines(s.unit)} }

// fill returns the lines of the orders of u.
func (l *orderLines) fill(u *units) *units {
	l.lines.fill(&l.units, u.n, u.n*maxLines)
	return &l.units
}

func totalPrice(s start) filler {
	all := newOrderLines(s)
	prices := extendedPrice(s)
	discounts, taxes := uniform(discSeed, 0, 10, maxLines), uniform(taxSeed, 0, 8, maxLines)
	discounts.seek(s.unit)
	taxes.seek(s.unit)
	var price Vector
	var discount, tax []int64
	return func(u *units, v *Vector) {
		lines := all.fill(u)
		prices(lines, &price)
		discount, tax = discounts.fill(discount, lines), taxes.fill(tax, lines)
		v.I64 = resize(v.I64, u.rows)
		k := 0
		for i := range u.n {
			var total int64
			for range lines.count(i) {
				total += price.I64[k] * (100 - discount[k]) / 100 * (100 + tax[k]) / 100
				k++
			}
			v.I64[i] = total
		}
	}
}

// orderStatus is F when all lines have been shipped, O when none has, else P.
func orderStatus(s start) filler {
	all := newOrderLines(s)
	s.lines = all.lines
	days := newLineDays(s, shipDays)
	var shipped []int32
	return func(u *units, v *Vector) {
		lines := all.fill(u)
		shipped = days.fill(shipped, lines)
		letters(u, v)
		k := 0
		for i := range u.n {
			n, done := lines.count(i), 0
			for range n {
				if shipped[k] <= today {
					done++
				}
				k++
			}
			switch done {
			case n:
				v.Data[i] = 'F'
			case 0:
				v.Data[i] = 'O'
			default:
				v.Data[i] = 'P'
			}
		}
	}
}
