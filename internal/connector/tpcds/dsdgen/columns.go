package dsdgen

// The columns of the tables, in their order, and constants for their positions. The number at the end of a column is the bit of a
// row's random bits that makes it NULL.

// Positions of the columns of call_center.
const (
	ccCallCenterSk = iota
	ccCallCenterId
	ccRecStartDate
	ccRecEndDate
	ccClosedDateSk
	ccOpenDateSk
	ccName
	ccClass
	ccEmployees
	ccSqFt
	ccHours
	ccManager
	ccMktId
	ccMktClass
	ccMktDesc
	ccMarketManager
	ccDivision
	ccDivisionName
	ccCompany
	ccCompanyName
	ccStreetNumber
	ccStreetName
	ccStreetType
	ccSuiteNumber
	ccCity
	ccCounty
	ccState
	ccZip
	ccCountry
	ccGmtOffset
	ccTaxPercentage
)

var callCenterColumns = []Column{
	{"cc_call_center_sk", Key, 0, 0},
	{"cc_call_center_id", Char, 16, 1},
	{"cc_rec_start_date", Date, 0, 2},
	{"cc_rec_end_date", Date, 0, 3},
	{"cc_closed_date_sk", Integer, 0, 4},
	{"cc_open_date_sk", Integer, 0, 5},
	{"cc_name", Varchar, 50, 6},
	{"cc_class", Varchar, 50, 7},
	{"cc_employees", Integer, 0, 8},
	{"cc_sq_ft", Integer, 0, 9},
	{"cc_hours", Char, 20, 10},
	{"cc_manager", Varchar, 40, 11},
	{"cc_mkt_id", Integer, 0, 12},
	{"cc_mkt_class", Char, 50, 13},
	{"cc_mkt_desc", Varchar, 100, 14},
	{"cc_market_manager", Varchar, 40, 15},
	{"cc_division", Integer, 0, 16},
	{"cc_division_name", Varchar, 50, 17},
	{"cc_company", Integer, 0, 18},
	{"cc_company_name", Char, 50, 19},
	{"cc_street_number", Char, 10, 20},
	{"cc_street_name", Varchar, 60, 21},
	{"cc_street_type", Char, 15, 22},
	{"cc_suite_number", Char, 10, 23},
	{"cc_city", Varchar, 60, 24},
	{"cc_county", Varchar, 30, 30},
	{"cc_state", Char, 2, 26},
	{"cc_zip", Char, 10, 27},
	{"cc_country", Varchar, 20, 28},
	{"cc_gmt_offset", Decimal, 5, 29},
	{"cc_tax_percentage", Decimal, 5, 31},
}

// Positions of the columns of catalog_page.
const (
	cpCatalogPageSk = iota
	cpCatalogPageId
	cpStartDateSk
	cpEndDateSk
	cpDepartment
	cpCatalogNumber
	cpCatalogPageNumber
	cpDescription
	cpType
)

var catalogPageColumns = []Column{
	{"cp_catalog_page_sk", Key, 0, 0},
	{"cp_catalog_page_id", Char, 16, 1},
	{"cp_start_date_sk", Integer, 0, 2},
	{"cp_end_date_sk", Integer, 0, 3},
	{"cp_department", Varchar, 50, 5},
	{"cp_catalog_number", Integer, 0, 6},
	{"cp_catalog_page_number", Integer, 0, 7},
	{"cp_description", Varchar, 100, 8},
	{"cp_type", Varchar, 100, 9},
}

// Positions of the columns of catalog_returns.
const (
	crReturnedDateSk = iota
	crReturnedTimeSk
	crItemSk
	crRefundedCustomerSk
	crRefundedCdemoSk
	crRefundedHdemoSk
	crRefundedAddrSk
	crReturningCustomerSk
	crReturningCdemoSk
	crReturningHdemoSk
	crReturningAddrSk
	crCallCenterSk
	crCatalogPageSk
	crShipModeSk
	crWarehouseSk
	crReasonSk
	crOrderNumber
	crReturnQuantity
	crReturnAmount
	crReturnTax
	crReturnAmtIncTax
	crFee
	crReturnShipCost
	crRefundedCash
	crReversedCharge
	crStoreCredit
	crNetLoss
)

var catalogReturnsColumns = []Column{
	{"cr_returned_date_sk", Key, 0, 0},
	{"cr_returned_time_sk", Key, 0, 1},
	{"cr_item_sk", Key, 0, 2},
	{"cr_refunded_customer_sk", Key, 0, 3},
	{"cr_refunded_cdemo_sk", Key, 0, 4},
	{"cr_refunded_hdemo_sk", Key, 0, 5},
	{"cr_refunded_addr_sk", Key, 0, 6},
	{"cr_returning_customer_sk", Key, 0, 7},
	{"cr_returning_cdemo_sk", Key, 0, 8},
	{"cr_returning_hdemo_sk", Key, 0, 9},
	{"cr_returning_addr_sk", Key, 0, 10},
	{"cr_call_center_sk", Key, 0, 11},
	{"cr_catalog_page_sk", Key, 0, 12},
	{"cr_ship_mode_sk", Key, 0, 13},
	{"cr_warehouse_sk", Key, 0, 14},
	{"cr_reason_sk", Key, 0, 15},
	{"cr_order_number", Key, 0, 16},
	{"cr_return_quantity", Integer, 0, 17},
	{"cr_return_amount", Decimal, 7, 18},
	{"cr_return_tax", Decimal, 7, 19},
	{"cr_return_amt_inc_tax", Decimal, 7, 20},
	{"cr_fee", Decimal, 7, 21},
	{"cr_return_ship_cost", Decimal, 7, 22},
	{"cr_refunded_cash", Decimal, 7, 23},
	{"cr_reversed_charge", Decimal, 7, 24},
	{"cr_store_credit", Decimal, 7, 25},
	{"cr_net_loss", Decimal, 7, 26},
}

// Positions of the columns of catalog_sales.
const (
	csSoldDateSk = iota
	csSoldTimeSk
	csShipDateSk
	csBillCustomerSk
	csBillCdemoSk
	csBillHdemoSk
	csBillAddrSk
	csShipCustomerSk
	csShipCdemoSk
	csShipHdemoSk
	csShipAddrSk
	csCallCenterSk
	csCatalogPageSk
	csShipModeSk
	csWarehouseSk
	csItemSk
	csPromoSk
	csOrderNumber
	csQuantity
	csWholesaleCost
	csListPrice
	csSalesPrice
	csExtDiscountAmt
	csExtSalesPrice
	csExtWholesaleCost
	csExtListPrice
	csExtTax
	csCouponAmt
	csExtShipCost
	csNetPaid
	csNetPaidIncTax
	csNetPaidIncShip
	csNetPaidIncShipTax
	csNetProfit
)

var catalogSalesColumns = []Column{
	{"cs_sold_date_sk", Key, 0, 0},
	{"cs_sold_time_sk", Key, 0, 1},
	{"cs_ship_date_sk", Key, 0, 2},
	{"cs_bill_customer_sk", Key, 0, 3},
	{"cs_bill_cdemo_sk", Key, 0, 4},
	{"cs_bill_hdemo_sk", Key, 0, 5},
	{"cs_bill_addr_sk", Key, 0, 6},
	{"cs_ship_customer_sk", Key, 0, 7},
	{"cs_ship_cdemo_sk", Key, 0, 8},
	{"cs_ship_hdemo_sk", Key, 0, 9},
	{"cs_ship_addr_sk", Key, 0, 10},
	{"cs_call_center_sk", Key, 0, 11},
	{"cs_catalog_page_sk", Key, 0, 12},
	{"cs_ship_mode_sk", Key, 0, 13},
	{"cs_warehouse_sk", Key, 0, 14},
	{"cs_item_sk", Key, 0, 15},
	{"cs_promo_sk", Key, 0, 16},
	{"cs_order_number", Key, 0, 17},
	{"cs_quantity", Integer, 0, 18},
	{"cs_wholesale_cost", Decimal, 7, 19},
	{"cs_list_price", Decimal, 7, 20},
	{"cs_sales_price", Decimal, 7, 21},
	{"cs_ext_discount_amt", Decimal, 7, 24},
	{"cs_ext_sales_price", Decimal, 7, 23},
	{"cs_ext_wholesale_cost", Decimal, 7, 25},
	{"cs_ext_list_price", Decimal, 7, 26},
	{"cs_ext_tax", Decimal, 7, 27},
	{"cs_coupon_amt", Decimal, 7, 22},
	{"cs_ext_ship_cost", Decimal, 7, 28},
	{"cs_net_paid", Decimal, 7, 29},
	{"cs_net_paid_inc_tax", Decimal, 7, 30},
	{"cs_net_paid_inc_ship", Decimal, 7, 31},
	{"cs_net_paid_inc_ship_tax", Decimal, 7, 32},
	{"cs_net_profit", Decimal, 7, 33},
}

// Positions of the columns of customer.
const (
	cCustomerSk = iota
	cCustomerId
	cCurrentCdemoSk
	cCurrentHdemoSk
	cCurrentAddrSk
	cFirstShiptoDateSk
	cFirstSalesDateSk
	cSalutation
	cFirstName
	cLastName
	cPreferredCustFlag
	cBirthDay
	cBirthMonth
	cBirthYear
	cBirthCountry
	cLogin
	cEmailAddress
	cLastReviewDateSk
)

var customerColumns = []Column{
	{"c_customer_sk", Key, 0, 0},
	{"c_customer_id", Char, 16, 1},
	{"c_current_cdemo_sk", Key, 0, 2},
	{"c_current_hdemo_sk", Key, 0, 3},
	{"c_current_addr_sk", Key, 0, 4},
	{"c_first_shipto_date_sk", Key, 0, 5},
	{"c_first_sales_date_sk", Key, 0, 6},
	{"c_salutation", Char, 10, 7},
	{"c_first_name", Char, 20, 8},
	{"c_last_name", Char, 30, 9},
	{"c_preferred_cust_flag", Char, 1, 10},
	{"c_birth_day", Integer, 0, 11},
	{"c_birth_month", Integer, 0, 12},
	{"c_birth_year", Integer, 0, 13},
	{"c_birth_country", Varchar, 20, 14},
	{"c_login", Char, 13, never},
	{"c_email_address", Char, 50, 16},
	{"c_last_review_date_sk", Key, 0, 17},
}

// Positions of the columns of customer_address.
const (
	caAddressSk = iota
	caAddressId
	caStreetNumber
	caStreetName
	caStreetType
	caSuiteNumber
	caCity
	caCounty
	caState
	caZip
	caCountry
	caGmtOffset
	caLocationType
)

var customerAddressColumns = []Column{
	{"ca_address_sk", Key, 0, 0},
	{"ca_address_id", Char, 16, 1},
	{"ca_street_number", Char, 10, 2},
	{"ca_street_name", Varchar, 60, 3},
	{"ca_street_type", Char, 15, 4},
	{"ca_suite_number", Char, 10, 5},
	{"ca_city", Varchar, 60, 6},
	{"ca_county", Varchar, 30, 7},
	{"ca_state", Char, 2, 8},
	{"ca_zip", Char, 10, 9},
	{"ca_country", Varchar, 20, 10},
	{"ca_gmt_offset", Decimal, 5, 11},
	{"ca_location_type", Char, 20, 12},
}

// Positions of the columns of customer_demographics.
const (
	cdDemoSk = iota
	cdGender
	cdMaritalStatus
	cdEducationStatus
	cdPurchaseEstimate
	cdCreditRating
	cdDepCount
	cdDepEmployedCount
	cdDepCollegeCount
)

var customerDemographicsColumns = []Column{
	{"cd_demo_sk", Key, 0, 0},
	{"cd_gender", Char, 1, 1},
	{"cd_marital_status", Char, 1, 2},
	{"cd_education_status", Char, 20, 3},
	{"cd_purchase_estimate", Integer, 0, 4},
	{"cd_credit_rating", Char, 10, 5},
	{"cd_dep_count", Integer, 0, 6},
	{"cd_dep_employed_count", Integer, 0, 7},
	{"cd_dep_college_count", Integer, 0, 8},
}

// Positions of the columns of date_dim.
const (
	dDateSk = iota
	dDateId
	dDate
	dMonthSeq
	dWeekSeq
	dQuarterSeq
	dYear
	dDow
	dMoy
	dDom
	dQoy
	dFyYear
	dFyQuarterSeq
	dFyWeekSeq
	dDayName
	dQuarterName
	dHoliday
	dWeekend
	dFollowingHoliday
	dFirstDom
	dLastDom
	dSameDayLy
	dSameDayLq
	dCurrentDay
	dCurrentWeek
	dCurrentMonth
	dCurrentQuarter
	dCurrentYear
)

var dateDimColumns = []Column{
	{"d_date_sk", Key, 0, 0},
	{"d_date_id", Char, 16, 1},
	{"d_date", Date, 0, 0},
	{"d_month_seq", Integer, 0, 3},
	{"d_week_seq", Integer, 0, 4},
	{"d_quarter_seq", Integer, 0, 5},
	{"d_year", Integer, 0, 6},
	{"d_dow", Integer, 0, 7},
	{"d_moy", Integer, 0, 8},
	{"d_dom", Integer, 0, 9},
	{"d_qoy", Integer, 0, 10},
	{"d_fy_year", Integer, 0, 11},
	{"d_fy_quarter_seq", Integer, 0, 12},
	{"d_fy_week_seq", Integer, 0, 13},
	{"d_day_name", Char, 9, 14},
	{"d_quarter_name", Char, 6, 15},
	{"d_holiday", Char, 1, 16},
	{"d_weekend", Char, 1, 17},
	{"d_following_holiday", Char, 1, 18},
	{"d_first_dom", Integer, 0, 19},
	{"d_last_dom", Integer, 0, 20},
	{"d_same_day_ly", Integer, 0, 21},
	{"d_same_day_lq", Integer, 0, 22},
	{"d_current_day", Char, 1, 23},
	{"d_current_week", Char, 1, 24},
	{"d_current_month", Char, 1, 25},
	{"d_current_quarter", Char, 1, 26},
	{"d_current_year", Char, 1, 27},
}

// Positions of the columns of household_demographics.
const (
	hdDemoSk = iota
	hdIncomeBandSk
	hdBuyPotential
	hdDepCount
	hdVehicleCount
)

var householdDemographicsColumns = []Column{
	{"hd_demo_sk", Key, 0, 0},
	{"hd_income_band_sk", Key, 0, 1},
	{"hd_buy_potential", Char, 15, 2},
	{"hd_dep_count", Integer, 0, 3},
	{"hd_vehicle_count", Integer, 0, 4},
}

// Positions of the columns of income_band.
const (
	ibIncomeBandSk = iota
	ibLowerBound
	ibUpperBound
)

var incomeBandColumns = []Column{
	{"ib_income_band_sk", Key, 0, 0},
	{"ib_lower_bound", Integer, 0, 1},
	{"ib_upper_bound", Integer, 0, 2},
}

// Positions of the columns of inventory.
const (
	invDateSk = iota
	invItemSk
	invWarehouseSk
	invQuantityOnHand
)

var inventoryColumns = []Column{
	{"inv_date_sk", Key, 0, 0},
	{"inv_item_sk", Key, 0, 1},
	{"inv_warehouse_sk", Key, 0, 2},
	{"inv_quantity_on_hand", Integer, 0, 3},
}

// Positions of the columns of item.
const (
	iItemSk = iota
	iItemId
	iRecStartDate
	iRecEndDate
	iItemDesc
	iCurrentPrice
	iWholesaleCost
	iBrandId
	iBrand
	iClassId
	iClass
	iCategoryId
	iCategory
	iManufactId
	iManufact
	iSize
	iFormulation
	iColor
	iUnits
	iContainer
	iManagerId
	iProductName
)

var itemColumns = []Column{
	{"i_item_sk", Key, 0, 0},
	{"i_item_id", Char, 16, 1},
	{"i_rec_start_date", Date, 0, 2},
	{"i_rec_end_date", Date, 0, 3},
	{"i_item_desc", Varchar, 200, 4},
	{"i_current_price", Decimal, 7, 5},
	{"i_wholesale_cost", Decimal, 7, 6},
	{"i_brand_id", Integer, 0, 7},
	{"i_brand", Char, 50, 8},
	{"i_class_id", Integer, 0, 9},
	{"i_class", Char, 50, 10},
	{"i_category_id", Integer, 0, 11},
	{"i_category", Char, 50, 12},
	{"i_manufact_id", Integer, 0, 13},
	{"i_manufact", Char, 50, 14},
	{"i_size", Char, 20, 15},
	{"i_formulation", Char, 20, 16},
	{"i_color", Char, 20, 17},
	{"i_units", Char, 10, 18},
	{"i_container", Char, 10, 19},
	{"i_manager_id", Integer, 0, 20},
	{"i_product_name", Char, 50, 21},
}

// Positions of the columns of promotion.
const (
	pPromoSk = iota
	pPromoId
	pStartDateSk
	pEndDateSk
	pItemSk
	pCost
	pResponseTarge
	pPromoName
	pChannelDmail
	pChannelEmail
	pChannelCatalog
	pChannelTv
	pChannelRadio
	pChannelPress
	pChannelEvent
	pChannelDemo
	pChannelDetails
	pPurpose
	pDiscountActive
)

var promotionColumns = []Column{
	{"p_promo_sk", Key, 0, 0},
	{"p_promo_id", Char, 16, 1},
	{"p_start_date_sk", Key, 0, 2},
	{"p_end_date_sk", Key, 0, 3},
	{"p_item_sk", Key, 0, 4},
	{"p_cost", Decimal, 15, 5},
	{"p_response_targe", Integer, 0, 6},
	{"p_promo_name", Char, 50, 7},
	{"p_channel_dmail", Char, 1, 8},
	{"p_channel_email", Char, 1, 9},
	{"p_channel_catalog", Char, 1, 10},
	{"p_channel_tv", Char, 1, 11},
	{"p_channel_radio", Char, 1, 12},
	{"p_channel_press", Char, 1, 13},
	{"p_channel_event", Char, 1, 14},
	{"p_channel_demo", Char, 1, 15},
	{"p_channel_details", Varchar, 100, 16},
	{"p_purpose", Char, 15, 17},
	{"p_discount_active", Char, 1, 18},
}

// Positions of the columns of reason.
const (
	rReasonSk = iota
	rReasonId
	rReasonDesc
)

var reasonColumns = []Column{
	{"r_reason_sk", Key, 0, 0},
	{"r_reason_id", Char, 16, 1},
	{"r_reason_desc", Char, 100, 2},
}

// Positions of the columns of ship_mode.
const (
	smShipModeSk = iota
	smShipModeId
	smType
	smCode
	smCarrier
	smContract
)

var shipModeColumns = []Column{
	{"sm_ship_mode_sk", Key, 0, 0},
	{"sm_ship_mode_id", Char, 16, 1},
	{"sm_type", Char, 30, 2},
	{"sm_code", Char, 10, 3},
	{"sm_carrier", Char, 20, 5},
	{"sm_contract", Char, 20, 4},
}

// Positions of the columns of store.
const (
	sStoreSk = iota
	sStoreId
	sRecStartDate
	sRecEndDate
	sClosedDateSk
	sStoreName
	sNumberEmployees
	sFloorSpace
	sHours
	sManager
	sMarketId
	sGeographyClass
	sMarketDesc
	sMarketManager
	sDivisionId
	sDivisionName
	sCompanyId
	sCompanyName
	sStreetNumber
	sStreetName
	sStreetType
	sSuiteNumber
	sCity
	sCounty
	sState
	sZip
	sCountry
	sGmtOffset
	sTaxPrecentage
)

var storeColumns = []Column{
	{"s_store_sk", Key, 0, 0},
	{"s_store_id", Char, 16, 1},
	{"s_rec_start_date", Date, 0, 2},
	{"s_rec_end_date", Date, 0, 3},
	{"s_closed_date_sk", Key, 0, 4},
	{"s_store_name", Varchar, 50, 5},
	{"s_number_employees", Integer, 0, 6},
	{"s_floor_space", Integer, 0, 7},
	{"s_hours", Char, 20, 8},
	{"s_manager", Varchar, 40, 9},
	{"s_market_id", Integer, 0, 10},
	{"s_geography_class", Varchar, 100, 12},
	{"s_market_desc", Varchar, 100, 13},
	{"s_market_manager", Varchar, 40, 14},
	{"s_division_id", Integer, 0, 15},
	{"s_division_name", Varchar, 50, 16},
	{"s_company_id", Integer, 0, 17},
	{"s_company_name", Varchar, 50, 18},
	{"s_street_number", Varchar, 10, 19},
	{"s_street_name", Varchar, 60, 20},
	{"s_street_type", Char, 15, 21},
	{"s_suite_number", Char, 10, 22},
	{"s_city", Varchar, 60, 23},
	{"s_county", Varchar, 30, 24},
	{"s_state", Char, 2, 25},
	{"s_zip", Char, 10, 26},
	{"s_country", Varchar, 20, 27},
	{"s_gmt_offset", Decimal, 5, 28},
	{"s_tax_precentage", Decimal, 5, 11},
}

// Positions of the columns of store_returns.
const (
	srReturnedDateSk = iota
	srReturnTimeSk
	srItemSk
	srCustomerSk
	srCdemoSk
	srHdemoSk
	srAddrSk
	srStoreSk
	srReasonSk
	srTicketNumber
	srReturnQuantity
	srReturnAmt
	srReturnTax
	srReturnAmtIncTax
	srFee
	srReturnShipCost
	srRefundedCash
	srReversedCharge
	srStoreCredit
	srNetLoss
)

var storeReturnsColumns = []Column{
	{"sr_returned_date_sk", Key, 0, 0},
	{"sr_return_time_sk", Key, 0, 1},
	{"sr_item_sk", Key, 0, 2},
	{"sr_customer_sk", Key, 0, 3},
	{"sr_cdemo_sk", Key, 0, 4},
	{"sr_hdemo_sk", Key, 0, 5},
	{"sr_addr_sk", Key, 0, 6},
	{"sr_store_sk", Key, 0, 7},
	{"sr_reason_sk", Key, 0, 8},
	{"sr_ticket_number", Key, 0, 9},
	{"sr_return_quantity", Integer, 0, 10},
	{"sr_return_amt", Decimal, 7, 11},
	{"sr_return_tax", Decimal, 7, 12},
	{"sr_return_amt_inc_tax", Decimal, 7, 13},
	{"sr_fee", Decimal, 7, 14},
	{"sr_return_ship_cost", Decimal, 7, 15},
	{"sr_refunded_cash", Decimal, 7, 16},
	{"sr_reversed_charge", Decimal, 7, 17},
	{"sr_store_credit", Decimal, 7, 18},
	{"sr_net_loss", Decimal, 7, 19},
}

// Positions of the columns of store_sales.
const (
	ssSoldDateSk = iota
	ssSoldTimeSk
	ssItemSk
	ssCustomerSk
	ssCdemoSk
	ssHdemoSk
	ssAddrSk
	ssStoreSk
	ssPromoSk
	ssTicketNumber
	ssQuantity
	ssWholesaleCost
	ssListPrice
	ssSalesPrice
	ssExtDiscountAmt
	ssExtSalesPrice
	ssExtWholesaleCost
	ssExtListPrice
	ssExtTax
	ssCouponAmt
	ssNetPaid
	ssNetPaidIncTax
	ssNetProfit
)

var storeSalesColumns = []Column{
	{"ss_sold_date_sk", Key, 0, 0},
	{"ss_sold_time_sk", Key, 0, 1},
	{"ss_item_sk", Key, 0, 2},
	{"ss_customer_sk", Key, 0, 3},
	{"ss_cdemo_sk", Key, 0, 4},
	{"ss_hdemo_sk", Key, 0, 5},
	{"ss_addr_sk", Key, 0, 6},
	{"ss_store_sk", Key, 0, 7},
	{"ss_promo_sk", Key, 0, 8},
	{"ss_ticket_number", Key, 0, 9},
	{"ss_quantity", Integer, 0, 10},
	{"ss_wholesale_cost", Decimal, 7, 11},
	{"ss_list_price", Decimal, 7, 12},
	{"ss_sales_price", Decimal, 7, 13},
	{"ss_ext_discount_amt", Decimal, 7, 14},
	{"ss_ext_sales_price", Decimal, 7, 15},
	{"ss_ext_wholesale_cost", Decimal, 7, 16},
	{"ss_ext_list_price", Decimal, 7, 17},
	{"ss_ext_tax", Decimal, 7, 18},
	{"ss_coupon_amt", Decimal, 7, 14},
	{"ss_net_paid", Decimal, 7, 19},
	{"ss_net_paid_inc_tax", Decimal, 7, 20},
	{"ss_net_profit", Decimal, 7, 21},
}

// Positions of the columns of time_dim.
const (
	tTimeSk = iota
	tTimeId
	tTime
	tHour
	tMinute
	tSecond
	tAmPm
	tShift
	tSubShift
	tMealTime
)

var timeDimColumns = []Column{
	{"t_time_sk", Key, 0, 0},
	{"t_time_id", Char, 16, 1},
	{"t_time", Integer, 0, 2},
	{"t_hour", Integer, 0, 3},
	{"t_minute", Integer, 0, 4},
	{"t_second", Integer, 0, 5},
	{"t_am_pm", Char, 2, 6},
	{"t_shift", Char, 20, 7},
	{"t_sub_shift", Char, 20, 8},
	{"t_meal_time", Char, 20, 9},
}

// Positions of the columns of warehouse.
const (
	wWarehouseSk = iota
	wWarehouseId
	wWarehouseName
	wWarehouseSqFt
	wStreetNumber
	wStreetName
	wStreetType
	wSuiteNumber
	wCity
	wCounty
	wState
	wZip
	wCountry
	wGmtOffset
)

var warehouseColumns = []Column{
	{"w_warehouse_sk", Key, 0, 0},
	{"w_warehouse_id", Char, 16, 1},
	{"w_warehouse_name", Varchar, 20, 2},
	{"w_warehouse_sq_ft", Integer, 0, 3},
	{"w_street_number", Char, 10, 4},
	{"w_street_name", Varchar, 60, 5},
	{"w_street_type", Char, 15, 6},
	{"w_suite_number", Char, 10, 7},
	{"w_city", Varchar, 60, 8},
	{"w_county", Varchar, 30, 9},
	{"w_state", Char, 2, 10},
	{"w_zip", Char, 10, 11},
	{"w_country", Varchar, 20, 12},
	{"w_gmt_offset", Decimal, 5, 13},
}

// Positions of the columns of web_page.
const (
	wpWebPageSk = iota
	wpWebPageId
	wpRecStartDate
	wpRecEndDate
	wpCreationDateSk
	wpAccessDateSk
	wpAutogenFlag
	wpCustomerSk
	wpUrl
	wpType
	wpCharCount
	wpLinkCount
	wpImageCount
	wpMaxAdCount
)

var webPageColumns = []Column{
	{"wp_web_page_sk", Key, 0, 0},
	{"wp_web_page_id", Char, 16, 1},
	{"wp_rec_start_date", Date, 0, 2},
	{"wp_rec_end_date", Date, 0, 3},
	{"wp_creation_date_sk", Key, 0, 4},
	{"wp_access_date_sk", Key, 0, 5},
	{"wp_autogen_flag", Char, 1, 6},
	{"wp_customer_sk", Key, 0, 7},
	{"wp_url", Varchar, 100, 8},
	{"wp_type", Char, 50, 9},
	{"wp_char_count", Integer, 0, 10},
	{"wp_link_count", Integer, 0, 11},
	{"wp_image_count", Integer, 0, 12},
	{"wp_max_ad_count", Integer, 0, 13},
}

// Positions of the columns of web_returns.
const (
	wrReturnedDateSk = iota
	wrReturnedTimeSk
	wrItemSk
	wrRefundedCustomerSk
	wrRefundedCdemoSk
	wrRefundedHdemoSk
	wrRefundedAddrSk
	wrReturningCustomerSk
	wrReturningCdemoSk
	wrReturningHdemoSk
	wrReturningAddrSk
	wrWebPageSk
	wrReasonSk
	wrOrderNumber
	wrReturnQuantity
	wrReturnAmt
	wrReturnTax
	wrReturnAmtIncTax
	wrFee
	wrReturnShipCost
	wrRefundedCash
	wrReversedCharge
	wrAccountCredit
	wrNetLoss
)

var webReturnsColumns = []Column{
	{"wr_returned_date_sk", Key, 0, 0},
	{"wr_returned_time_sk", Key, 0, 1},
	{"wr_item_sk", Key, 0, 2},
	{"wr_refunded_customer_sk", Key, 0, 3},
	{"wr_refunded_cdemo_sk", Key, 0, 4},
	{"wr_refunded_hdemo_sk", Key, 0, 5},
	{"wr_refunded_addr_sk", Key, 0, 6},
	{"wr_returning_customer_sk", Key, 0, 7},
	{"wr_returning_cdemo_sk", Key, 0, 8},
	{"wr_returning_hdemo_sk", Key, 0, 9},
	{"wr_returning_addr_sk", Key, 0, 10},
	{"wr_web_page_sk", Key, 0, 11},
	{"wr_reason_sk", Key, 0, 12},
	{"wr_order_number", Key, 0, 13},
	{"wr_return_quantity", Integer, 0, 14},
	{"wr_return_amt", Decimal, 7, 15},
	{"wr_return_tax", Decimal, 7, 16},
	{"wr_return_amt_inc_tax", Decimal, 7, 17},
	{"wr_fee", Decimal, 7, 18},
	{"wr_return_ship_cost", Decimal, 7, 19},
	{"wr_refunded_cash", Decimal, 7, 20},
	{"wr_reversed_charge", Decimal, 7, 21},
	{"wr_account_credit", Decimal, 7, 22},
	{"wr_net_loss", Decimal, 7, 23},
}

// Positions of the columns of web_sales.
const (
	wsSoldDateSk = iota
	wsSoldTimeSk
	wsShipDateSk
	wsItemSk
	wsBillCustomerSk
	wsBillCdemoSk
	wsBillHdemoSk
	wsBillAddrSk
	wsShipCustomerSk
	wsShipCdemoSk
	wsShipHdemoSk
	wsShipAddrSk
	wsWebPageSk
	wsWebSiteSk
	wsShipModeSk
	wsWarehouseSk
	wsPromoSk
	wsOrderNumber
	wsQuantity
	wsWholesaleCost
	wsListPrice
	wsSalesPrice
	wsExtDiscountAmt
	wsExtSalesPrice
	wsExtWholesaleCost
	wsExtListPrice
	wsExtTax
	wsCouponAmt
	wsExtShipCost
	wsNetPaid
	wsNetPaidIncTax
	wsNetPaidIncShip
	wsNetPaidIncShipTax
	wsNetProfit
)

var webSalesColumns = []Column{
	{"ws_sold_date_sk", Key, 0, 0},
	{"ws_sold_time_sk", Key, 0, 1},
	{"ws_ship_date_sk", Key, 0, 2},
	{"ws_item_sk", Key, 0, 3},
	{"ws_bill_customer_sk", Key, 0, 4},
	{"ws_bill_cdemo_sk", Key, 0, 5},
	{"ws_bill_hdemo_sk", Key, 0, 6},
	{"ws_bill_addr_sk", Key, 0, 7},
	{"ws_ship_customer_sk", Key, 0, 8},
	{"ws_ship_cdemo_sk", Key, 0, 9},
	{"ws_ship_hdemo_sk", Key, 0, 10},
	{"ws_ship_addr_sk", Key, 0, 11},
	{"ws_web_page_sk", Key, 0, 12},
	{"ws_web_site_sk", Key, 0, 13},
	{"ws_ship_mode_sk", Key, 0, 14},
	{"ws_warehouse_sk", Key, 0, 15},
	{"ws_promo_sk", Key, 0, 16},
	{"ws_order_number", Key, 0, 17},
	{"ws_quantity", Integer, 0, 18},
	{"ws_wholesale_cost", Decimal, 7, 19},
	{"ws_list_price", Decimal, 7, 20},
	{"ws_sales_price", Decimal, 7, 21},
	{"ws_ext_discount_amt", Decimal, 7, 22},
	{"ws_ext_sales_price", Decimal, 7, 23},
	{"ws_ext_wholesale_cost", Decimal, 7, 24},
	{"ws_ext_list_price", Decimal, 7, 25},
	{"ws_ext_tax", Decimal, 7, 26},
	{"ws_coupon_amt", Decimal, 7, 27},
	{"ws_ext_ship_cost", Decimal, 7, 28},
	{"ws_net_paid", Decimal, 7, 29},
	{"ws_net_paid_inc_tax", Decimal, 7, 30},
	{"ws_net_paid_inc_ship", Decimal, 7, 31},
	{"ws_net_paid_inc_ship_tax", Decimal, 7, 32},
	{"ws_net_profit", Decimal, 7, 33},
}

// Positions of the columns of web_site.
const (
	webSiteSk = iota
	webSiteId
	webRecStartDate
	webRecEndDate
	webName
	webOpenDateSk
	webCloseDateSk
	webClass
	webManager
	webMktId
	webMktClass
	webMktDesc
	webMarketManager
	webCompanyId
	webCompanyName
	webStreetNumber
	webStreetName
	webStreetType
	webSuiteNumber
	webCity
	webCounty
	webState
	webZip
	webCountry
	webGmtOffset
	webTaxPercentage
)

var webSiteColumns = []Column{
	{"web_site_sk", Key, 0, 0},
	{"web_site_id", Char, 16, 1},
	{"web_rec_start_date", Date, 0, 2},
	{"web_rec_end_date", Date, 0, 3},
	{"web_name", Varchar, 50, 4},
	{"web_open_date_sk", Key, 0, 5},
	{"web_close_date_sk", Key, 0, 6},
	{"web_class", Varchar, 50, 7},
	{"web_manager", Varchar, 40, 8},
	{"web_mkt_id", Integer, 0, 9},
	{"web_mkt_class", Varchar, 50, 10},
	{"web_mkt_desc", Varchar, 100, 11},
	{"web_market_manager", Varchar, 40, 12},
	{"web_company_id", Integer, 0, 13},
	{"web_company_name", Char, 50, 14},
	{"web_street_number", Char, 10, 15},
	{"web_street_name", Varchar, 60, 16},
	{"web_street_type", Char, 15, 17},
	{"web_suite_number", Char, 10, 18},
	{"web_city", Varchar, 60, 19},
	{"web_county", Varchar, 30, 20},
	{"web_state", Char, 2, 21},
	{"web_zip", Char, 10, 22},
	{"web_country", Varchar, 20, 23},
	{"web_gmt_offset", Decimal, 5, 24},
	{"web_tax_percentage", Decimal, 5, 25},
}

// Positions of the columns of dbgen_version.
const (
	dvVersion = iota
	dvCreateDate
	dvCreateTime
	dvCmdlineArgs
)

var dbgenVersionColumns = []Column{
	{"dv_version", Varchar, 16, 0},
	{"dv_create_date", Date, 0, 1},
	{"dv_create_time", Time, 0, 2},
	{"dv_cmdline_args", Varchar, 200, 3},
}
