package dbgen

// The kinds of columns that several tables have. Each function returns the maker of a column; a maker places the streams
// at the first unit and returns the filler.

type maker func(s start) filler

// unitKey is the number of the unit, from 1.
func unitKey(start) filler { return indexFrom(1) }

// unitIndex is the number of the unit, from 0.
func unitIndex(start) filler { return indexFrom(0) }

func indexFrom(base int64) filler {
	return func(u *units, v *Vector) {
		v.I64 = resize(v.I64, u.rows)
		k := 0
		for i := range u.n {
			for range u.count(i) {
				v.I64[k] = u.first + base + int64(i)
				k++
			}
		}
	}
}

// longs is a stream as it is.
func longs(make func(sf float64) source) maker {
	return func(s start) filler {
		src := make(s.sf)
		src.seek(s.unit)
		return func(u *units, v *Vector) { v.I64 = src.fill(v.I64, u) }
	}
}

// money is uniform between two amounts in hundredths.
func money(seed uint64, lo, hi int64, per int) maker {
	return longs(func(float64) source { return uniform(seed, lo, hi, per) })
}

// key is uniform between 0 and hi.
func key(seed uint64, hi int64) maker {
	return longs(func(float64) source { return uniform(seed, 0, hi, 1) })
}

// integer is uniform between lo and hi.
func integer(seed uint64, lo, hi int64, per int) maker {
	return func(s start) filler {
		src := uniform(seed, lo, hi, per)
		src.seek(s.unit)
		var tmp []int64
		return func(u *units, v *Vector) {
			tmp = src.fill(tmp, u)
			v.I32 = narrow(v.I32, tmp)
		}
	}
}

func narrow(dst []int32, src []int64) []int32 {
	dst = resize(dst, len(src))
	for i, x := range src {
		dst[i] = int32(x)
	}
	return dst
}

// constant is the same integer in all rows.
func constant(value int32) maker {
	return func(start) filler {
		return func(u *units, v *Vector) {
			v.I32 = resize(v.I32, u.rows)
			for i := range v.I32 {
				v.I32[i] = value
			}
		}
	}
}

// texts makes a Text column of a function that appends the value of each row; the rows come in order.
func texts(u *units, v *Vector, value func(data []byte, unit int) []byte) {
	v.Offsets = resize(v.Offsets, u.rows+1)
	v.Offsets[0] = 0
	k := 0
	for i := range u.n {
		for range u.count(i) {
			v.Data = value(v.Data, i)
			k++
			v.Offsets[k] = uint32(len(v.Data))
		}
	}
}

// listed is the string of a list at the unit's index.
func listed(at func(i int64) string) maker {
	return func(start) filler {
		return func(u *units, v *Vector) {
			texts(u, v, func(data []byte, i int) []byte { return append(data, at(u.first+int64(i))...) })
		}
	}
}

// choice is a word of a list.
func choice(seed uint64, d *dist, per int) maker {
	return func(s start) filler {
		src := uniform(seed, 0, int64(len(d.slot))-1, per)
		src.seek(s.unit)
		var tmp []int64
		return func(u *units, v *Vector) {
			tmp = src.fill(tmp, u)
			v.Offsets = resize(v.Offsets, u.rows+1)
			v.Offsets[0] = 0
			for i, x := range tmp {
				v.Data = append(v.Data, d.words[d.slot[x]]...)
				v.Offsets[i+1] = uint32(len(v.Data))
			}
		}
	}
}

// numbered is a prefix and a stream's numbers in nine digits.
func numbered(prefix string, make func(sf float64) source) maker {
	return func(s start) filler {
		src := make(s.sf)
		src.seek(s.unit)
		var tmp []int64
		return func(u *units, v *Vector) {
			tmp = src.fill(tmp, u)
			texts(u, v, func(data []byte, i int) []byte { return appendNumber(append(data, prefix...), tmp[i], 9) })
		}
	}
}

// numberedKey is a prefix and the unit's number in nine digits.
func numberedKey(prefix string) maker {
	return func(start) filler {
		return func(u *units, v *Vector) {
			texts(u, v, func(data []byte, i int) []byte {
				return appendNumber(append(data, prefix...), u.first+int64(i)+1, 9)
			})
		}
	}
}

// appendNumber appends a number that is not negative, with leading zeros up to a width.
func appendNumber(data []byte, n int64, width int) []byte {
	var b [20]byte
	i := len(b)
	for ; n > 0 || width > 0; width-- {
		i--
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return append(data, b[i:]...)
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ,"

// address is a string of 10 to 40 random characters. Nine draws are reserved: the length and one for five characters each.
func address(seed uint64) maker {
	const per = 9
	return func(s start) filler {
		x := advance(seed, s.unit*per)
		return func(u *units, v *Vector) {
			texts(u, v, func(data []byte, _ int) []byte {
				x = next(x)
				n, draws := 10+int(pick(x, 31)), 1
				var letters int64
				for i := range n {
					if i%5 == 0 {
						x = next(x)
						draws++
						letters = pickWide(x, -1<<31)
					}
					data = append(data, alphabet[letters&63])
					letters >>= 6
				}
				x = mulmod(x, jumps[per-draws])
				return data
			})
		}
	}
}

// phone is a phone number whose country code tells the nation; nationSeed is the seed of the nation's key.
func phone(seed, nationSeed uint64) maker {
	return func(s start) filler {
		x, nation := advance(seed, s.unit*3), advance(nationSeed, s.unit)
		return func(u *units, v *Vector) {
			texts(u, v, func(data []byte, _ int) []byte {
				nation = next(nation)
				data = appendNumber(data, 10+int64(pick(nation, uint64(len(nationNames)))), 2)
				for _, group := range [...]struct{ lo, n uint64 }{{100, 900}, {100, 900}, {1000, 9000}} {
					x = next(x)
					data = appendNumber(append(data, '-'), int64(group.lo+pick(x, group.n)), 0)
				}
				return data
			})
		}
	}
}

// prose is the stream of a comment column: where in the text each comment begins, and its length. Two draws a row.
type prose struct {
	x         uint64
	low, span uint64
	offsets   int64 // number of possible offsets
	per       int
	buf       textBuffer
}

// newProse returns the comments of an average length, placed at a unit with per rows.
func newProse(seed uint64, average float64, per int, unit int64) *prose {
	low, high := int64(average*0.4), int64(average*1.6)
	return &prose{
		x: advance(seed, unit*2*int64(per)), per: per,
		low: uint64(low), span: uint64(high - low + 1), offsets: textSize - high + 1,
	}
}

// next returns the place of the next comment.
func (p *prose) next() place {
	x := next(p.x)
	p.x = next(x)
	return locate(int(pickWide(x, p.offsets)), int(p.low+pick(p.x, p.span)))
}

// comment is a piece of prose of an average length.
func comment(seed uint64, average float64, per int) maker {
	return func(s start) filler {
		p := newProse(seed, average, per, s.unit)
		var places []place
		return func(u *units, v *Vector) {
			// All places first: their index is spread over megabytes, and in a loop of its own the processor waits for many
			// cache lines at once.
			places = places[:0]
			for i := range u.n {
				c := u.count(i)
				for range c {
					places = append(places, p.next())
				}
				if c < p.per {
					p.x = mulmod(p.x, jumps[2*(p.per-c)])
				}
			}
			v.Offsets = resize(v.Offsets, u.rows+1)
			v.Offsets[0] = 0
			for k, at := range places {
				v.Data = append(v.Data, p.buf.cut(at)...)
				v.Offsets[k+1] = uint32(len(v.Data))
			}
		}
	}
}

// partName is five different colors: the first five places of a shuffle of all of them, for which a draw per color is
// reserved.
func partName(seed uint64) maker {
	const wordCount = 5
	return func(s start) filler {
		x := advance(seed, s.unit*int64(len(colors)))
		var order [92]uint8
		for i := range order {
			order[i] = uint8(i)
		}
		return func(u *units, v *Vector) {
			texts(u, v, func(data []byte, _ int) []byte {
				var swapped [wordCount]int
				for i := range wordCount {
					x = next(x)
					j := i + int(pick(x, uint64(len(colors)-i)))
					swapped[i] = j
					order[i], order[j] = order[j], order[i]
					if i > 0 {
						data = append(data, ' ')
					}
					data = append(data, colors[order[i]]...)
				}
				for i := wordCount - 1; i >= 0; i-- { // each shuffle starts from the sorted list
					j := swapped[i]
					order[i], order[j] = order[j], order[i]
				}
				x = mulmod(x, jumps[len(colors)-wordCount])
				return data
			})
		}
	}
}

// brand is the manufacturer's digit, and for a brand a second one.
func brand(prefix string, second bool) maker {
	return func(s start) filler {
		m, b := advance(1, s.unit), advance(46831694, s.unit)
		return func(u *units, v *Vector) {
			texts(u, v, func(data []byte, _ int) []byte {
				m, b = next(m), next(b)
				data = append(append(data, prefix...), byte('1'+pick(m, 5)))
				if second {
					data = append(data, byte('1'+pick(b, 5)))
				}
				return data
			})
		}
	}
}

// retailPrice returns the price of a part in hundredths.
func retailPrice(part int64) int64 { return 90000 + part/10%20001 + part%1000*100 }

func partPrice(start) filler {
	return func(u *units, v *Vector) {
		v.I64 = resize(v.I64, u.rows)
		for i := range v.I64 {
			v.I64[i] = retailPrice(u.first + int64(i) + 1)
		}
	}
}

// supplierOf returns the i-th of the four suppliers of a part.
func supplierOf(part, i, suppliers int64) int64 {
	return (part+i*(suppliers/4+(part-1)/suppliers))%suppliers + 1
}

func partSupplier(s start) filler {
	suppliers := scaled(supplierBase, s.sf)
	return func(u *units, v *Vector) {
		v.I64 = resize(v.I64, u.rows)
		for i := range v.I64 {
			v.I64[i] = supplierOf(u.first+int64(i/4)+1, int64(i%4), suppliers)
		}
	}
}

// supplierComment is prose into which, for one supplier in a thousand, a customer's complaint or praise is written.
func supplierComment(s start) filler {
	p := newProse(1341315363, 63, 1, s.unit)
	marked, junk := advance(202794285, s.unit), advance(263032577, s.unit)
	place, kind := advance(715851524, s.unit), advance(753643799, s.unit)
	return func(u *units, v *Vector) {
		texts(u, v, func(data []byte, _ int) []byte {
			marked, junk, place, kind = next(marked), next(junk), next(place), next(kind)
			text := p.buf.cut(p.next())
			if 1+pick(marked, supplierBase) <= 10 {
				const who = "Customer "
				verdict := "Recommends"
				if pick(kind, 101) < 50 {
					verdict = "Complaints"
				}
				room := len(text) - len(who) - len(verdict)
				gap := int(pick(junk, uint64(room+1)))
				at := int(pick(place, uint64(room-gap+1)))
				copy(text[at:], who)
				copy(text[at+len(who)+gap:], verdict)
			}
			return append(data, text...)
		})
	}
}

// sparseKey spreads the numbers of orders, from 1: of 32 consecutive keys the first eight are used.
func sparseKey(order int64) int64 { return order>>3<<5 | order&7 }
