package dsdgen

// pricing is what a line of an order or of a return costs, in hundredths. The letters are those of the columns: ext is for all
// pieces of the line.
type pricing struct {
	quantity                                             int64
	wholesale, list, sales                               int64
	extDiscount, extSales, extWholesale, extList, extTax int64
	coupon, extShip                                      int64
	netPaid, netPaidTax, netPaidShip, netPaidShipTax     int64
	netProfit                                            int64
	taxPercent                                           int64

	// Of returns only.
	fee, refunded, reversed, credit, netLoss int64
}

const (
	pricingDraws     = 8 // of a sale
	maxQuantity      = 100
	couponPercent    = 20
	maxStoreMarkup   = 100
	maxRemoteMarkup  = 200
	maxWholesaleCost = 10_000
)

// skipPricing skips the draws of the price of a sale.
var skipPricing = power(pricingDraws)

// ofSale draws the price of a line of an order.
func (p *pricing) ofSale(s *stream, maxMarkup int64) {
	p.quantity = s.uniform(1, maxQuantity)
	p.wholesale = s.uniform(100, maxWholesaleCost)
	p.extWholesale = p.quantity * p.wholesale
	p.list = p.wholesale * (100 + s.uniform(0, maxMarkup)) / 100
	p.sales = p.list * (100 - s.uniform(0, 100)) / 100
	p.extList = p.list * p.quantity
	p.extSales = p.sales * p.quantity
	p.extDiscount = p.extList - p.extSales
	p.coupon = p.extSales * s.uniform(0, 100) / 100
	if s.uniform(1, 100) > couponPercent {
		p.coupon = 0
	}
	p.netPaid = p.extSales - p.coupon
	p.extShip = p.list * s.uniform(0, 50) / 100 * p.quantity
	p.taxPercent = s.uniform(0, 9)
	p.addUp()
}

// addUp computes the net amounts.
func (p *pricing) addUp() {
	p.extTax = p.netPaid * p.taxPercent / 100
	p.netPaidShip = p.netPaid + p.extShip
	p.netPaidTax = p.netPaid + p.extTax
	p.netPaidShipTax = p.netPaidShip + p.extTax
	p.netProfit = p.netPaid - p.extWholesale
}

// ofReturn draws how many pieces of a line are returned, and what that costs.
func (p *pricing) ofReturn(s *stream, sale *pricing) {
	p.quantity = s.uniform(1, sale.quantity)
	p.taxPercent = sale.taxPercent
	p.extWholesale = p.quantity * sale.wholesale
	p.netPaid = sale.sales * p.quantity
	p.extShip = sale.list * s.uniform(0, 50) / 100 * p.quantity
	p.addUp()
	p.refunded = p.netPaid * s.uniform(0, 100) / 100
	p.reversed = (p.netPaid - p.refunded) * s.uniform(1, 100) / 100
	p.credit = p.netPaid - p.reversed - p.refunded
	p.fee = s.uniform(50, 10_000)
	p.netLoss = p.netPaidShipTax - p.credit - p.refunded - p.reversed + p.fee
}
