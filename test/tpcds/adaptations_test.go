//go:build e2e

package tpcds

import (
	"fmt"
	"strings"
)

// adaptation is a difference of a query from DuckDB's text.
type adaptation struct {
	query    int
	old, new string
}

// adaptations are what the dialects differ in. DuckDB is asked the adapted texts too, so that both sides are asked the same.
var adaptations = []adaptation{
	// Dates are not compared with texts, and days are added to them as intervals.
	{16, "BETWEEN '2002-02-01'", "BETWEEN DATE '2002-02-01'"},
	{32, "BETWEEN '2000-01-27'", "BETWEEN DATE '2000-01-27'"},
	{58, "d_date = '2000-01-03'", "d_date = DATE '2000-01-03'"},
	{72, "d1.d_date + 5", "d1.d_date + INTERVAL '5' DAY"},
	{83, "('2000-06-30',", "(DATE '2000-06-30',"},
	{83, "'2000-09-27',", "DATE '2000-09-27',"},
	{83, "'2000-11-17')", "DATE '2000-11-17')"},
	{92, "BETWEEN '2000-01-27'", "BETWEEN DATE '2000-01-27'"},
	{94, "BETWEEN '1999-02-01'", "BETWEEN DATE '1999-02-01'"},
	{95, "BETWEEN '1999-02-01'", "BETWEEN DATE '1999-02-01'"},

	// Quotients and averages of decimals are decimals in one dialect and floating point numbers in the other; where more is
	// computed from them, both have to begin with the same.
	{57, "avg(sum(cs_sales_price))", "avg(CAST(sum(cs_sales_price) AS double))"},
	{57, "ORDER BY sum_sales - avg_monthly_sales", "ORDER BY round(sum_sales - avg_monthly_sales, 6)"},
	{58, "+ws_item_rev)/3) * 100", "+CAST(ws_item_rev AS double))/3) * 100"},
	{58, "+ws_item_rev)/3 average", "+CAST(ws_item_rev AS double))/3 average"},
	{61, "cast(promotions AS decimal(15,4))", "CAST(promotions AS double)"},
	{66, "/w_warehouse_sq_ft", "/CAST(w_warehouse_sq_ft AS double)"},
}

// adapt returns the text of a query in the dialect that both sides understand.
func adapt(query int, text string) (string, error) {
	sql := strings.TrimRight(text, "; \n")
	for _, a := range adaptations {
		if a.query != query {
			continue
		}
		if !strings.Contains(sql, a.old) {
			return "", fmt.Errorf("there is no %q in the text", a.old)
		}
		sql = strings.ReplaceAll(sql, a.old, a.new)
	}
	return sql, nil
}
