package dsdgen

import "sort"

// Orders from catalogs are shipped within these days.
const (
	minCatalogShipping = 2
	maxCatalogShipping = 90
)

// parties are the customers who pay and who receive something.
type parties struct{ customer, cdemo, hdemo, addr int64 }

// keys writes the keys of a party into the columns from customer on.
func (w *writer) party(customer int, p *parties) {
	w.key(customer, p.customer)
	w.key(customer+1, p.cdemo)
	w.key(customer+2, p.hdemo)
	w.key(customer+3, p.addr)
}

// partyStreams are the streams of the keys of parties.
type partyStreams struct{ customer, cdemo, hdemo, addr *stream }

func (g *Generator) party(s *partyStreams) parties {
	return parties{
		g.reference(s.customer, customer, 1), g.reference(s.cdemo, customerDemographics, 1),
		g.reference(s.hdemo, householdDemographics, 1), g.reference(s.addr, customerAddress, 1),
	}
}

// catalogOrders generates what is sold from catalogs and sent back.
type catalogOrders struct {
	g                                              *Generator
	time, shipDate, center, page, mode, warehouses *stream
	item, promo, lineCount, pricing, nulls         *stream
	returned                                       *stream
	bill, ship                                     partyStreams
	permutation                                    permutation
	// days has the number of orders up to the end of each day, from the first on.
	days []int64

	soldDate, soldTime, callCenter int64
	billed, shipped                parties
	position, lines                int64
}

func newCatalogOrders(g *Generator) *catalogOrders {
	o := &catalogOrders{
		g: g, time: g.stream(76, 2), shipDate: g.stream(77, 14), center: g.stream(86, 1), page: g.stream(87, 42), mode: g.stream(88, 14),
		warehouses: g.stream(89, 14), item: g.stream(90, 1), promo: g.stream(91, 14), lineCount: g.stream(92, 1), pricing: g.stream(109, 112),
		nulls: g.stream(111, 28), returned: g.stream(112, 14), permutation: permute(110, g.scale.items),
		bill: partyStreams{g.stream(78, 1), g.stream(79, 1), g.stream(80, 1), g.stream(81, 1)},
		ship: partyStreams{g.stream(82, 2), g.stream(83, 1), g.stream(84, 1), g.stream(85, 1)},
	}
	// Orders are numbered in the order of their days. The first day has one more than its share.
	orders := g.scale.rows[catalogSales]
	for day, sum := dataStart, int64(1); sum < orders || day == dataStart; day++ {
		year, month, dayOfMonth := civil(day)
		w := g.dist.salesWeights(year)
		total := w.total() * (lastYear - firstYear + 1)
		sum += (orders*w.at(int(daysBeforeMonth(year, month)+dayOfMonth-1)) + total/2) / total
		o.days = append(o.days, sum)
	}
	return o
}

// begin draws what the lines of an order have in common.
func (o *catalogOrders) begin(row int64) {
	g := o.g
	o.soldDate = dataStart + int64(sort.Search(len(o.days), func(i int) bool { return row <= o.days[i] }))
	o.soldTime = g.timeOfDay(o.time, remoteHours)
	o.callCenter = g.reference(o.center, callCenter, o.soldDate)
	o.billed = g.party(&o.bill)
	o.shipped = o.billed
	if o.ship.customer.uniform(0, 99) <= 10 { // a gift
		o.shipped = g.party(&o.ship)
	}
	o.position = o.item.uniform(1, g.scale.items)
	o.lines = o.lineCount.uniform(4, 14)
}

// line goes to the next line and returns its item, the date of its shipping and the page of the catalog.
func (o *catalogOrders) line() (sold, shipDate, page int64) {
	if o.position++; o.position > o.g.scale.items {
		o.position = 1
	}
	sold = o.g.scale.revision(item, o.permutation.at(o.position), o.soldDate)
	shipDate = o.soldDate + o.shipDate.uniform(minCatalogShipping, maxCatalogShipping)
	return sold, shipDate, o.g.pageOfCatalog(o.page, o.soldDate)
}

func writeCatalogSales(g *Generator) func(int64) {
	o, w := newCatalogOrders(g), &g.w
	var p pricing
	return func(row int64) {
		o.begin(row)
		priced := w.wantsAny(csQuantity, csNetProfit)
		for range o.lines {
			w.begin(g.nulls(o.nulls))
			sold, shipDate, page := o.line()
			w.key(csSoldDateSk, o.soldDate)
			w.key(csSoldTimeSk, o.soldTime)
			w.key(csShipDateSk, shipDate)
			w.party(csBillCustomerSk, &o.billed)
			w.party(csShipCustomerSk, &o.shipped)
			w.key(csCallCenterSk, o.callCenter)
			w.key(csCatalogPageSk, page)
			w.key(csShipModeSk, g.reference(o.mode, shipMode, 1))
			w.key(csWarehouseSk, g.reference(o.warehouses, warehouse, 1))
			w.key(csItemSk, sold)
			w.key(csPromoSk, g.reference(o.promo, promotion, 1))
			w.key(csOrderNumber, row)
			if priced {
				p.ofSale(o.pricing, maxRemoteMarkup)
				w.amountsOfSale(csQuantity, &p)
			}
			w.end()
		}
	}
}

// amountsOfSale writes the amounts of an order by catalog or web into the columns from quantity on.
func (w *writer) amountsOfSale(quantity int, p *pricing) {
	w.integer(quantity, p.quantity)
	for i, v := range [...]int64{p.wholesale, p.list, p.sales, p.extDiscount, p.extSales, p.extWholesale, p.extList, p.extTax, p.coupon, p.extShip,
		p.netPaid, p.netPaidTax, p.netPaidShip, p.netPaidShipTax, p.netProfit} {
		w.decimal(quantity+1+i, v)
	}
}

func writeCatalogReturns(g *Generator) func(int64) {
	o, w := newCatalogOrders(g), &g.w
	date, time := g.stream(46, 28), g.stream(47, 28)
	returning := partyStreams{g.stream(53, 28), g.stream(54, 14), g.stream(55, 14), g.stream(56, 14)}
	mode, warehouses, reasons := g.stream(59, 14), g.stream(60, 14), g.stream(61, 14)
	nulls, amounts := g.stream(73, 28), g.stream(74, 70)
	var sale, p pricing
	return func(row int64) {
		o.begin(row)
		for range o.lines {
			sold, shipDate, page := o.line()
			if o.returned.uniform(0, 99) >= returnPercent {
				o.pricing.skip(skipPricing)
				continue
			}
			sale.ofSale(o.pricing, maxRemoteMarkup)
			w.begin(g.nulls(nulls))
			who := g.party(&returning)
			if returning.customer.uniform(0, 99) < 10 { // who received it sends it back
				who.customer, who.cdemo, who.addr = o.shipped.customer, o.shipped.cdemo, o.shipped.addr
			}
			p.ofReturn(amounts, &sale)
			w.key(crReturnedDateSk, returnDate(date, shipDate, minCatalogShipping, maxCatalogShipping))
			w.key(crReturnedTimeSk, g.timeOfDay(time, remoteHours))
			w.key(crItemSk, sold)
			w.party(crRefundedCustomerSk, &o.billed)
			w.party(crReturningCustomerSk, &who)
			w.key(crCallCenterSk, o.callCenter)
			w.key(crCatalogPageSk, page)
			w.key(crShipModeSk, g.reference(mode, shipMode, 1))
			w.key(crWarehouseSk, g.reference(warehouses, warehouse, 1))
			w.key(crReasonSk, g.reference(reasons, reason, 1))
			w.key(crOrderNumber, row)
			w.integer(crReturnQuantity, p.quantity)
			w.decimal(crReturnAmount, p.netPaid)
			w.amountsOfReturn(crReturnTax, &p)
			w.end()
		}
	}
}
