package dsdgen

import "strconv"

// address is where something is.
type address struct {
	number        int64
	street        string
	kind          string
	suite         string
	city          string
	county, state string
	zip           int64
	offset        int64 // hours from Greenwich
}

const country = "United States"

// address draws an address of a table.
func (g *Generator) address(s *stream, id tableID) address {
	d := g.dist
	a := address{number: s.uniform(1, 1000)}
	a.street = d.streetNames.pick(s, 0)
	a.street += " " + d.streetNames.pick(s, halfEmpty)
	a.kind = d.streetTypes.pick(s, 0)
	if n := s.uniform(1, 100); n%2 == 1 {
		a.suite = "Suite " + strconv.FormatInt(n/2*10, 10)
	} else {
		a.suite = "Suite " + string(rune('A'+n/2%25))
	}
	county := 0
	if hasFewAddresses(id) {
		rows := g.scale.rows[id]
		a.city = d.cities.values[s.uniform(0, min(rows, activeCities.rows(g.scale.factor))-1)][0]
		county = int(s.uniform(0, min(rows, activeCounties.rows(g.scale.factor))-1))
	} else {
		a.city = d.cities.pick(s, steppedCities)
		county = d.counties.weights[0].pick(s)
	}
	a.county, a.state = d.counties.values[county][countyName], d.counties.values[county][countyState]
	a.offset = d.counties.number(county, countyOffset)
	region := d.counties.number(county, countyZip)
	a.zip = cityCode(a.city)
	if region == 0 && a.zip < 9400 {
		a.zip += 600 // lower ones are not in use
	}
	a.zip += region * 10000
	return a
}

// cityCode returns the last four digits of a city's zip code. Names with blanks overflow the 32 bits.
func cityCode(name string) int64 {
	hash, sum := int32(0), int32(0)
	for i := range len(name) {
		hash = hash*26 + int32(name[i]) - 'A'
		if hash > 1_000_000 {
			sum += hash % 10_000
			hash = 0
		}
	}
	return int64((sum + hash%1000) % 10_000)
}

// address writes an address into the columns from number on: street number, name and type, suite, city, county, state, zip,
// country and offset.
func (w *writer) address(number int, a *address) {
	if w.wants(number) {
		w.scratch = strconv.AppendInt(w.scratch[:0], a.number, 10)
		w.bytes(number, w.scratch)
	}
	w.text(number+1, a.street)
	w.text(number+2, a.kind)
	w.text(number+3, a.suite)
	w.text(number+4, a.city)
	w.text(number+5, a.county)
	w.text(number+6, a.state)
	if w.wants(number + 7) {
		w.scratch = append(w.scratch[:0], '0'+byte(a.zip/10000%10), '0'+byte(a.zip/1000%10), '0'+byte(a.zip/100%10), '0'+byte(a.zip/10%10), '0'+byte(a.zip%10))
		w.bytes(number+7, w.scratch)
	}
	w.text(number+8, country)
	w.decimal(number+9, a.offset*100)
}
