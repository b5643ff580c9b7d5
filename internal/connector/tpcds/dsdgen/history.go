package dsdgen

import (
	"math"
	"strconv"
)

// The tables that keep history: a business key has one, two or three rows, and later ones repeat values of the row before.

// revisionOf is what a row is to its business key.
type revisionOf struct {
	key        int64 // the row that begins the business key
	first      bool
	start, end int64 // the days when it holds; the end is absent for the last revision
}

// revisionAt returns what a row is to its business key. The dates depend on the number of the table.
func revisionAt(row int64, number tableID) revisionOf {
	shift := int64(number) * 6
	var r revisionOf
	switch row % 6 {
	case 1:
		r = revisionOf{row, true, dataStart - shift, absent}
	case 2:
		r = revisionOf{row, true, dataStart - shift, halfDate - shift}
	case 3:
		r = revisionOf{row - 1, false, halfDate - shift + 1, absent}
	case 4:
		r = revisionOf{row, true, dataStart - shift, thirdDate - shift}
	case 5:
		r = revisionOf{row - 1, false, thirdDate - shift + 1, twoThirdsDate - shift}
	default:
		r = revisionOf{row - 2, false, twoThirdsDate - shift + 1, absent}
	}
	if r.end > dataEnd {
		r.end = absent
	}
	return r
}

// changes says which fields of a row change against the row before, a bit for each field in turn.
type changes struct {
	bits  uint64
	first bool
}

// skip leaves out fields.
func (c *changes) skip(fields int) { c.bits >>= fields }

// update takes the new value of the next field if it changes.
func update[T any](c *changes, field *T, value T) {
	if c.first || c.bits&1 == 0 {
		*field = value
	}
	c.bits >>= 1
}

// number32 draws a number from lo to hi, as a generator does that computes with 32 bits: at large scale factors, the number of
// employees of a call center overflows.
func number32(s *stream, lo, hi int32) int32 {
	n := hi - lo + 1
	x := int32(s.draw())
	if n == 0 {
		return lo
	}
	return lo + x%n
}

func (g *Generator) managers() int {
	if g.options.AllNames {
		return allNames
	}
	return maleNames
}

func writeCallCenter(g *Generator) func(int64) {
	opened, class, employees, feet, hours := g.stream(6, 10), g.stream(8, 2), g.stream(9, 1), g.stream(10, 1), g.stream(11, 1)
	manager, market, marketClass, marketDesc, marketManager := g.stream(12, 2), g.stream(13, 1), g.stream(14, 50), g.stream(15, 50), g.stream(16, 2)
	company, where, tax, change, nulls := g.stream(19, 2), g.stream(31, 15), g.stream(32, 1), g.stream(33, 1), g.stream(34, 2)
	d, w := g.dist, &g.w
	edge := int32(math.Ceil(g.scale.factor))
	largest := 7 * edge * edge
	var v struct {
		open                                int64
		name                                string
		address                             address
		employees, feet                     int32
		manager, class, desc, marketManager string
		market, company, division, tax      int64
		divisionName, companyName           string
	}
	return func(row int64) {
		w.begin(g.nulls(nulls))
		r := revisionAt(row, callCenter)
		if r.first {
			v.open = dataStart - 23 - opened.uniform(-365, 0)
			centers := int64(len(d.callCenters.values))
			v.name = d.callCenters.values[row%centers][0]
			if row >= centers {
				v.name += "_" + strconv.FormatInt(row/centers, 10)
			}
			v.address = g.address(where, callCenter)
		}
		c := &changes{change.draw(), r.first}
		c.skip(1)
		update(c, &v.employees, number32(employees, 1, largest))
		update(c, &v.feet, number32(feet, 100, 700)*v.employees)
		c.skip(1)
		update(c, &v.manager, d.fullName(manager, g.managers()))
		update(c, &v.market, market.uniform(1, 6))
		update(c, &v.class, string(d.appendText(nil, marketClass, 20, 50)))
		update(c, &v.desc, string(d.appendText(nil, marketDesc, 20, 100)))
		update(c, &v.marketManager, d.fullName(marketManager, g.managers()))
		update(c, &v.company, company.uniform(1, 6))
		update(c, &v.division, company.uniform(1, 6))
		update(c, &v.divisionName, d.syllables.word(v.division, 50))
		update(c, &v.companyName, d.syllables.word(v.company, 10))
		update(c, &v.tax, tax.uniform(0, 12))

		w.key(ccCallCenterSk, row)
		w.businessKey(ccCallCenterId, r.key)
		w.date(ccRecStartDate, r.start)
		w.date(ccRecEndDate, r.end)
		w.key(ccClosedDateSk, absent)
		w.key(ccOpenDateSk, v.open)
		w.text(ccName, v.name)
		w.text(ccClass, d.callCenterClasses.pick(class, 0))
		w.integer(ccEmployees, int64(v.employees))
		w.integer(ccSqFt, int64(v.feet))
		w.text(ccHours, d.callCenterHours.pick(hours, 0))
		w.text(ccManager, v.manager)
		w.integer(ccMktId, v.market)
		w.text(ccMktClass, v.class)
		w.text(ccMktDesc, v.desc)
		w.text(ccMarketManager, v.marketManager)
		w.integer(ccDivision, v.division)
		w.text(ccDivisionName, v.divisionName)
		w.integer(ccCompany, v.company)
		w.text(ccCompanyName, v.companyName)
		w.address(ccStreetNumber, &v.address)
		w.decimal(ccTaxPercentage, v.tax)
		w.end()
	}
}

func writeItem(g *Generator) func(int64) {
	desc, price, cost, class, category := g.stream(207, 200), g.stream(208, 2), g.stream(209, 1), g.stream(213, 1), g.stream(215, 1)
	manufact, sizeOf, formulation, color, unit := g.stream(216, 2), g.stream(218, 1), g.stream(219, 50), g.stream(220, 1), g.stream(221, 1)
	manager, nulls, change := g.stream(223, 2), g.stream(225, 2), g.stream(226, 1)
	d, w := g.dist, &g.w
	var v struct {
		desc, formulation, manufact []byte
		cost                        int64
		classID, brandID            int64
		manufactID                  int64
	}
	return func(row int64) {
		w.begin(g.nulls(nulls))
		r := revisionAt(row, item)
		c := &changes{change.draw(), r.first}
		update(c, &v.desc, d.appendText(nil, desc, 1, 200))
		c.skip(1)
		band := d.itemCurrentPrice.weights[0].pick(price)
		current := price.uniform(hundredths(d.itemCurrentPrice.values[band][1]), hundredths(d.itemCurrentPrice.values[band][2]))
		update(c, &v.cost, current*cost.uniform(30, 90)/100)
		group := d.categories.weights[0].pick(category)
		classes := d.classes[group]
		kind := classes.weights[0].pick(class)
		update(c, &v.classID, int64(kind)+1)
		brand := row%classes.number(kind, 1) + 1
		w.scratch = d.brandSyllables.appendWord(w.scratch[:0], int64(group+1)*10+int64(kind)+1, 45)
		w.scratch = strconv.AppendInt(append(w.scratch, " #"...), brand, 10)
		w.bytes(iBrand, w.scratch)
		update(c, &v.brandID, (int64(group+1)*1000+int64(kind)+1)*1000+brand)
		c.skip(1)
		band = d.itemManufactID.weights[0].pick(manufact)
		update(c, &v.manufactID, manufact.uniform(d.itemManufactID.number(band, 1), d.itemManufactID.number(band, 2)))
		update(c, &v.manufact, d.syllables.appendWord(nil, v.manufactID, 50))
		signs := appendChars(nil, formulation, digits, 20, 20)
		within := d.colors.pick(formulation, skewedColors)
		copy(signs[formulation.uniform(0, int64(len(signs)-len(within)-1)):], within)
		update(c, &v.formulation, signs)

		w.key(iItemSk, row)
		w.businessKey(iItemId, r.key)
		w.date(iRecStartDate, r.start)
		w.date(iRecEndDate, r.end)
		w.bytes(iItemDesc, v.desc)
		w.decimal(iCurrentPrice, current)
		w.decimal(iWholesaleCost, v.cost)
		w.key(iBrandId, v.brandID)
		w.key(iClassId, v.classID)
		w.text(iClass, classes.values[kind][0])
		w.key(iCategoryId, int64(group+1))
		w.text(iCategory, d.categories.values[group][0])
		w.key(iManufactId, v.manufactID)
		w.bytes(iManufact, v.manufact)
		fit := noSize
		if d.categories.number(group, categorySize) != 0 {
			fit = someSize
		}
		w.text(iSize, d.sizes.pick(sizeOf, fit))
		w.bytes(iFormulation, v.formulation)
		w.text(iColor, d.colors.pick(color, skewedColors))
		w.text(iUnits, d.units.pick(unit, 0))
		w.text(iContainer, "Unknown")
		band = d.itemManagerID.weights[0].pick(manager)
		w.key(iManagerId, manager.uniform(d.itemManagerID.number(band, 1), d.itemManagerID.number(band, 2)))
		if w.wants(iProductName) {
			w.scratch = d.syllables.appendWord(w.scratch[:0], row, 50)
			w.bytes(iProductName, w.scratch)
		}
		w.end()
	}
}

// hundredths returns an amount such as 4.99 in hundredths.
func hundredths(s string) int64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("distributions: " + err.Error())
	}
	return int64(f*100 + 0.5)
}

// storeRefresh is the number of store in the dates of its revisions: that of a table from which the benchmark refreshes it.
const storeRefresh = 49

func writeStore(g *Generator) func(int64) {
	closed, employees, floor, hours, manager := g.stream(263, 2), g.stream(265, 1), g.stream(266, 1), g.stream(267, 1), g.stream(268, 2)
	market, tax, marketDesc, marketManager := g.stream(269, 1), g.stream(270, 1), g.stream(272, 100), g.stream(273, 2)
	nulls, change, where := g.stream(288, 2), g.stream(290, 1), g.stream(291, 7)
	d, w := g.dist, &g.w
	var v struct {
		closed              int64
		name                string
		employees, floor    int64
		manager             string
		market, tax         int64
		desc, marketManager string
		offset, number, zip int64
	}
	return func(row int64) {
		w.begin(g.nulls(nulls))
		r := revisionAt(row, storeRefresh)
		c := &changes{change.draw(), r.first}
		percent := closed.uniform(1, 100)
		closing := dataStart + closed.uniform(5, 500)
		if percent >= 30 {
			closing = absent
		}
		update(c, &v.closed, closing)
		update(c, &v.name, d.syllables.word(row, 5))
		update(c, &v.employees, employees.uniform(200, 300))
		update(c, &v.floor, floor.uniform(5_000_000, 10_000_000))
		c.skip(1)
		update(c, &v.manager, d.fullName(manager, g.managers()))
		update(c, &v.market, market.uniform(1, 10))
		update(c, &v.tax, tax.uniform(0, 11))
		c.skip(1)
		update(c, &v.desc, string(d.appendText(nil, marketDesc, 15, 100)))
		update(c, &v.marketManager, d.fullName(marketManager, g.managers()))
		c.skip(6) // the division, the company, the city and the county, which are always new
		a := g.address(where, store)
		update(c, &v.offset, a.offset)
		c.skip(4)
		update(c, &v.number, a.number)
		update(c, &v.zip, a.zip)
		a.offset, a.number, a.zip = v.offset, v.number, v.zip

		w.key(sStoreSk, row)
		w.businessKey(sStoreId, r.key)
		w.date(sRecStartDate, r.start)
		w.date(sRecEndDate, r.end)
		w.key(sClosedDateSk, v.closed)
		w.text(sStoreName, v.name)
		w.integer(sNumberEmployees, v.employees)
		w.integer(sFloorSpace, v.floor)
		w.text(sHours, d.callCenterHours.pick(hours, 0))
		w.text(sManager, v.manager)
		w.integer(sMarketId, v.market)
		w.text(sGeographyClass, "Unknown")
		w.text(sMarketDesc, v.desc)
		w.text(sMarketManager, v.marketManager)
		w.key(sDivisionId, 1)
		w.text(sDivisionName, "Unknown")
		w.key(sCompanyId, 1)
		w.text(sCompanyName, "Unknown")
		w.address(sStreetNumber, &a)
		w.decimal(sTaxPrecentage, v.tax)
		w.end()
	}
}

// siteDays is how long web sites exist at a scale factor.
func (s *scale) siteDays() int64 { return (salesEnd - dataStart) * concurrentSites.rows(s.factor) }

// stagger is how many days lie between the openings of web sites.
const stagger = 17

func writeWebPage(g *Generator) func(int64) {
	created, accessed, generated, customers, kind := g.stream(371, 2), g.stream(372, 1), g.stream(373, 1), g.stream(374, 1), g.stream(376, 1)
	chars, links, images, ads, nulls, change := g.stream(377, 1), g.stream(378, 1), g.stream(379, 1), g.stream(380, 1), g.stream(381, 2), g.stream(382, 1)
	w := &g.w
	const pagesPerSite = 123
	var v struct {
		created, accessed, customer int64
		generated                   bool
		links, images, ads, chars   int64
	}
	return func(row int64) {
		w.begin(g.nulls(nulls))
		r := revisionAt(row, webPage)
		c := &changes{change.draw(), r.first}
		created.draw() // a year that no one asks for
		site := row/pagesPerSite + 1
		update(c, &v.created, created.uniform(dataStart-site*stagger%g.scale.siteDays()/2, dataStart))
		update(c, &v.accessed, today-accessed.uniform(0, 100))
		update(c, &v.generated, generated.uniform(0, 99) < 30)
		update(c, &v.customer, g.reference(customers, customer, 1))
		c.skip(2)
		update(c, &v.links, links.uniform(2, 25))
		update(c, &v.images, images.uniform(1, 7))
		update(c, &v.ads, ads.uniform(0, 4))
		update(c, &v.chars, chars.uniform(v.links*125+v.images*50, v.links*300+v.images*150))

		w.key(wpWebPageSk, row)
		w.businessKey(wpWebPageId, r.key)
		w.date(wpRecStartDate, r.start)
		w.date(wpRecEndDate, r.end)
		w.key(wpCreationDateSk, v.created)
		w.key(wpAccessDateSk, v.accessed)
		w.flag(wpAutogenFlag, v.generated)
		owner := v.customer
		if !v.generated {
			owner = absent
		}
		w.key(wpCustomerSk, owner)
		w.text(wpUrl, "http://www.foo.com")
		w.text(wpType, g.dist.webPageUse.pick(kind, 0))
		w.integer(wpCharCount, v.chars)
		w.integer(wpLinkCount, v.links)
		w.integer(wpImageCount, v.images)
		w.integer(wpMaxAdCount, v.ads)
		w.end()
	}
}

func writeWebSite(g *Generator) func(int64) {
	manager, market, marketClass, marketDesc, marketManager := g.stream(455, 2), g.stream(456, 1), g.stream(457, 20), g.stream(458, 100), g.stream(459, 2)
	company, tax, nulls, where, change := g.stream(460, 1), g.stream(472, 1), g.stream(473, 2), g.stream(474, 7), g.stream(475, 70)
	d, w := g.dist, &g.w
	days := g.scale.siteDays()
	var v struct {
		opened, closed                            int64
		name, manager, class, desc, marketManager string
		market, company, tax                      int64
		companyName                               string
		offset, number, zip                       int64
	}
	return func(row int64) {
		w.begin(g.nulls(nulls))
		r := revisionAt(row, webSite)
		if r.first {
			v.opened = dataStart - row*stagger%days/2
			v.closed = v.opened - days
			if row%2 == 0 && row/2%2 == 0 { // the site is replaced, and does not replace another one
				v.closed += days / 2
			}
			if v.closed > r.end {
				v.closed = absent
			}
			v.name = "site_" + strconv.FormatInt(row/6, 10)
		}
		c := &changes{change.draw(), r.first}
		update(c, &v.manager, d.fullName(manager, g.managers()))
		update(c, &v.market, market.uniform(1, 6))
		update(c, &v.class, string(d.appendText(nil, marketClass, 20, 50)))
		update(c, &v.desc, string(d.appendText(nil, marketDesc, 20, 100)))
		update(c, &v.marketManager, d.fullName(marketManager, g.managers()))
		update(c, &v.company, company.uniform(1, 6))
		update(c, &v.companyName, d.syllables.word(v.company, 100))
		a := g.address(where, webSite)
		c.skip(2) // the city and the county, which are always new
		update(c, &v.offset, a.offset)
		c.skip(4)
		update(c, &v.number, a.number)
		update(c, &v.zip, a.zip)
		update(c, &v.tax, tax.uniform(0, 12))
		a.offset, a.number, a.zip = v.offset, v.number, v.zip

		w.key(webSiteSk, row)
		w.businessKey(webSiteId, r.key)
		w.date(webRecStartDate, r.start)
		w.date(webRecEndDate, r.end)
		w.text(webName, v.name)
		w.key(webOpenDateSk, v.opened)
		w.key(webCloseDateSk, v.closed)
		w.text(webClass, "Unknown")
		w.text(webManager, v.manager)
		w.integer(webMktId, v.market)
		w.text(webMktClass, v.class)
		w.text(webMktDesc, v.desc)
		w.text(webMarketManager, v.marketManager)
		w.integer(webCompanyId, v.company)
		w.text(webCompanyName, v.companyName)
		w.address(webStreetNumber, &a)
		w.decimal(webTaxPercentage, v.tax)
		w.end()
	}
}
