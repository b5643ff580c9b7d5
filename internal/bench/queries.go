package bench

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed tpch/*.sql
var texts embed.FS

// QueryCount is the number of TPC-H queries, which count from 1.
const QueryCount = 22

// Query returns the text of a TPC-H query with the validation parameters of the specification. The scale factor matters to
// query 11 alone, whose parameter depends on it.
func Query(number int, scale float64) (string, error) {
	text, err := texts.ReadFile(fmt.Sprintf("tpch/q%02d.sql", number))
	if err != nil {
		return "", fmt.Errorf("there is no TPC-H query %d", number)
	}
	fraction := strconv.FormatFloat(0.0001/scale, 'f', -1, 64)
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "${FRACTION}", fraction), nil
}

// orderKeys returns the output columns that the query orders by, in lower case, as far as they are plain names.
func orderKeys(sql string) []string {
	at := strings.LastIndex(strings.ToLower(sql), "order by")
	if at < 0 {
		return nil
	}
	clause, _, _ := strings.Cut(strings.ToLower(sql[at+len("order by"):]), "limit")
	if strings.Contains(clause, ")") { // it belongs to a subquery
		return nil
	}
	var out []string
	for item := range strings.SplitSeq(clause, ",") {
		if words := strings.Fields(item); len(words) > 0 {
			out = append(out, words[0])
		}
	}
	return out
}

// ParseQueries reads a list of numbers of a workload's queries, "1,3,18" or "5-9"; empty is all of them.
func (w *Workload) ParseQueries(list string) ([]int, error) {
	if strings.TrimSpace(list) == "" {
		list = fmt.Sprintf("1-%d", w.Count)
	}
	var out []int
	for item := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(item), "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || first < 1 || last > w.Count || first > last {
			return nil, fmt.Errorf("%q is no %s query: they count from 1 to %d", item, w.Name, w.Count)
		}
		for n := first; n <= last; n++ {
			out = append(out, n)
		}
	}
	return out, nil
}
