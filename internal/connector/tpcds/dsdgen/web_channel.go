package dsdgen

// maxWebShipping is within how many days orders from the web are shipped.
const maxWebShipping = 120

// webOrders generates what is sold in the web and sent back.
type webOrders struct {
	g                                   *Generator
	date, time, shipDate, item          *stream
	page, site, mode, warehouses, promo *stream
	lineCount, pricing, nulls, returned *stream
	bill, ship                          partyStreams
	permutation                         permutation
	soldDate, soldTime                  int64
	billed, shipped                     parties
	position, lines                     int64
}

func newWebOrders(g *Generator) *webOrders {
	return &webOrders{
		g: g, date: g.stream(409, 2), time: g.stream(410, 2), shipDate: g.stream(411, 16), item: g.stream(412, 1), page: g.stream(421, 16),
		site: g.stream(422, 16), mode: g.stream(423, 16), warehouses: g.stream(424, 16), promo: g.stream(425, 16), lineCount: g.stream(426, 1),
		pricing: g.stream(443, 128), nulls: g.stream(444, 32), returned: g.stream(445, 16), permutation: permute(446, g.scale.items),
		bill: partyStreams{g.stream(413, 1), g.stream(414, 1), g.stream(415, 1), g.stream(416, 1)},
		ship: partyStreams{g.stream(417, 2), g.stream(418, 2), g.stream(419, 1), g.stream(420, 1)},
	}
}

// begin draws what the lines of an order have in common.
func (o *webOrders) begin() {
	g := o.g
	o.soldDate = g.orderDate(o.date)
	o.soldTime = g.timeOfDay(o.time, remoteHours)
	o.billed = g.party(&o.bill)
	o.shipped = o.billed
	if o.ship.customer.uniform(0, 99) > 7 { // most of them, unlike in orders from catalogs
		o.shipped = g.party(&o.ship)
	}
	o.position = o.item.uniform(1, g.scale.items)
	o.lines = o.lineCount.uniform(8, 16)
}

// line goes to the next line and returns its item, the date of its shipping and the page where it was sold.
func (o *webOrders) line() (sold, shipDate, page int64) {
	if o.position++; o.position > o.g.scale.items {
		o.position = 1
	}
	sold = o.g.scale.revision(item, o.permutation.at(o.position), o.soldDate)
	shipDate = o.soldDate + o.shipDate.uniform(1, maxWebShipping)
	return sold, shipDate, o.g.reference(o.page, webPage, o.soldDate)
}

func writeWebSales(g *Generator) func(int64) {
	o, w := newWebOrders(g), &g.w
	var p pricing
	return func(row int64) {
		o.begin()
		priced := w.wantsAny(wsQuantity, wsNetProfit)
		for range o.lines {
			w.begin(g.nulls(o.nulls))
			sold, shipDate, page := o.line()
			w.key(wsSoldDateSk, o.soldDate)
			w.key(wsSoldTimeSk, o.soldTime)
			w.key(wsShipDateSk, shipDate)
			w.key(wsItemSk, sold)
			w.party(wsBillCustomerSk, &o.billed)
			w.party(wsShipCustomerSk, &o.shipped)
			w.key(wsWebPageSk, page)
			w.key(wsWebSiteSk, g.reference(o.site, webSite, o.soldDate))
			w.key(wsShipModeSk, g.reference(o.mode, shipMode, 1))
			w.key(wsWarehouseSk, g.reference(o.warehouses, warehouse, 1))
			w.key(wsPromoSk, g.reference(o.promo, promotion, 1))
			w.key(wsOrderNumber, row)
			if priced {
				p.ofSale(o.pricing, maxRemoteMarkup)
				w.amountsOfSale(wsQuantity, &p)
			}
			w.end()
		}
	}
}

func writeWebReturns(g *Generator) func(int64) {
	o, w := newWebOrders(g), &g.w
	date, time := g.stream(383, 32), g.stream(384, 32)
	refunded, same := partyStreams{g.stream(386, 16), g.stream(387, 16), g.stream(388, 16), g.stream(389, 16)}, g.stream(390, 16)
	reasons, amounts, nulls := g.stream(395, 16), g.stream(407, 80), g.stream(408, 32)
	var sale, p pricing
	return func(row int64) {
		o.begin()
		for range o.lines {
			sold, shipDate, page := o.line()
			if o.returned.uniform(0, 99) >= returnPercent {
				o.pricing.skip(skipPricing)
				continue
			}
			sale.ofSale(o.pricing, maxRemoteMarkup)
			p.ofReturn(amounts, &sale)
			w.begin(g.nulls(nulls))
			who := g.party(&refunded)
			if same.uniform(0, 99) < 7 { // who received it sends it back
				who = o.shipped
			}
			w.key(wrReturnedDateSk, returnDate(date, shipDate, 1, maxWebShipping))
			w.key(wrReturnedTimeSk, g.timeOfDay(time, remoteHours))
			w.key(wrItemSk, sold)
			w.party(wrRefundedCustomerSk, &who)
			w.party(wrReturningCustomerSk, &who)
			w.key(wrWebPageSk, page)
			w.key(wrReasonSk, g.reference(reasons, reason, 1))
			w.key(wrOrderNumber, row)
			w.integer(wrReturnQuantity, p.quantity)
			w.decimal(wrReturnAmt, p.netPaid)
			w.amountsOfReturn(wrReturnTax, &p)
			w.end()
		}
	}
}
