package dsdgen

// storeOrders generates what is sold in stores and brought back.
type storeOrders struct {
	g                                                              *Generator
	date, time, item, customer, cdemo, hdemo, addr, store, promo   *stream
	ticket, returned, pricing, nulls                               *stream
	permutation                                                    permutation
	soldDate, soldTime, soldCustomer, soldCdemo, soldHdemo, atAddr int64
	atStore                                                        int64
	position, lines                                                int64
}

func newStoreOrders(g *Generator) *storeOrders {
	return &storeOrders{
		g: g, date: g.stream(314, 2), time: g.stream(315, 2), item: g.stream(316, 1), customer: g.stream(317, 1), cdemo: g.stream(318, 1),
		hdemo: g.stream(319, 1), addr: g.stream(320, 1), store: g.stream(321, 1), promo: g.stream(322, 16), ticket: g.stream(323, 1),
		returned: g.stream(336, 16), pricing: g.stream(337, 128), nulls: g.stream(338, 32), permutation: permute(339, g.scale.items),
	}
}

// begin draws what the lines of an order have in common.
func (o *storeOrders) begin() {
	g := o.g
	o.atStore = g.reference(o.store, store, 1)
	o.soldTime = g.timeOfDay(o.time, storeHours)
	o.soldDate = g.orderDate(o.date)
	o.soldCustomer = g.reference(o.customer, customer, 1)
	o.soldCdemo = g.reference(o.cdemo, customerDemographics, 1)
	o.soldHdemo = g.reference(o.hdemo, householdDemographics, 1)
	o.atAddr = g.reference(o.addr, customerAddress, 1)
	o.lines = o.ticket.uniform(8, 16)
	o.position = o.item.uniform(1, g.scale.items)
}

// line goes to the next line and returns its item.
func (o *storeOrders) line() int64 {
	if o.position++; o.position > o.g.scale.items {
		o.position = 1
	}
	return o.g.scale.revision(item, o.permutation.at(o.position), o.soldDate)
}

func writeStoreSales(g *Generator) func(int64) {
	o, w := newStoreOrders(g), &g.w
	var p pricing
	return func(row int64) {
		o.begin()
		priced := w.wantsAny(ssQuantity, ssNetProfit)
		for range o.lines {
			w.begin(g.nulls(o.nulls))
			w.key(ssSoldDateSk, o.soldDate)
			w.key(ssSoldTimeSk, o.soldTime)
			w.key(ssItemSk, o.line())
			w.key(ssCustomerSk, o.soldCustomer)
			w.key(ssCdemoSk, o.soldCdemo)
			w.key(ssHdemoSk, o.soldHdemo)
			w.key(ssAddrSk, o.atAddr)
			w.key(ssStoreSk, o.atStore)
			w.key(ssPromoSk, g.reference(o.promo, promotion, 1))
			w.key(ssTicketNumber, row)
			if priced {
				p.ofSale(o.pricing, maxStoreMarkup)
				w.integer(ssQuantity, p.quantity)
				w.decimal(ssWholesaleCost, p.wholesale)
				w.decimal(ssListPrice, p.list)
				w.decimal(ssSalesPrice, p.sales)
				w.decimal(ssExtDiscountAmt, p.coupon) // the coupon, in the benchmark's generator too
				w.decimal(ssExtSalesPrice, p.extSales)
				w.decimal(ssExtWholesaleCost, p.extWholesale)
				w.decimal(ssExtListPrice, p.extList)
				w.decimal(ssExtTax, p.extTax)
				w.decimal(ssCouponAmt, p.coupon)
				w.decimal(ssNetPaid, p.netPaid)
				w.decimal(ssNetPaidIncTax, p.netPaidTax)
				w.decimal(ssNetProfit, p.netProfit)
			}
			w.end()
		}
	}
}

// returnPercent is how many of a hundred lines are returned.
const returnPercent = 10

func writeStoreReturns(g *Generator) func(int64) {
	o, w := newStoreOrders(g), &g.w
	date, time, customers, cdemo, hdemo := g.stream(292, 32), g.stream(293, 32), g.stream(295, 16), g.stream(296, 16), g.stream(297, 16)
	addr, stores, reasons, same := g.stream(298, 16), g.stream(299, 16), g.stream(300, 16), g.stream(301, 16)
	amounts, nulls := g.stream(312, 80), g.stream(313, 32)
	var sale, p pricing
	return func(row int64) {
		o.begin()
		for range o.lines {
			sold := o.line()
			if o.returned.uniform(0, 99) >= returnPercent {
				o.pricing.skip(skipPricing)
				continue
			}
			sale.ofSale(o.pricing, maxStoreMarkup)
			p.ofReturn(amounts, &sale)
			w.begin(g.nulls(nulls))
			who := g.reference(customers, customer, 1)
			if same.uniform(1, 100) < 80 {
				who = o.soldCustomer
			}
			w.key(srReturnedDateSk, returnDate(date, o.soldDate, 2, 90))
			w.key(srReturnTimeSk, time.uniform(8*3600-1, 17*3600-1))
			w.key(srItemSk, sold)
			w.key(srCustomerSk, who)
			w.key(srCdemoSk, g.reference(cdemo, customerDemographics, 1))
			w.key(srHdemoSk, g.reference(hdemo, householdDemographics, 1))
			w.key(srAddrSk, g.reference(addr, customerAddress, 1))
			w.key(srStoreSk, g.reference(stores, store, 1))
			w.key(srReasonSk, g.reference(reasons, reason, 1))
			w.key(srTicketNumber, row)
			w.integer(srReturnQuantity, p.quantity)
			w.decimal(srReturnAmt, p.netPaid)
			w.amountsOfReturn(srReturnTax, &p)
			w.end()
		}
	}
}

// amountsOfReturn writes the amounts of a return into the columns from tax on.
func (w *writer) amountsOfReturn(tax int, p *pricing) {
	for i, v := range [...]int64{p.extTax, p.netPaidTax, p.fee, p.extShip, p.refunded, p.reversed, p.credit, p.netLoss} {
		w.decimal(tax+i, v)
	}
}
