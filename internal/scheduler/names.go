package scheduler

// names gives each name of a query's nodes, hosts and errors a small number. It lives as long as the query.
type names struct {
	list    []string
	numbers map[string]int // looked up, never ranged over
}

// number returns the name's number, a new one for a new name.
func (t *names) number(s string) int {
	n, ok := t.numbers[s]
	if !ok {
		if t.numbers == nil {
			t.numbers = map[string]int{}
		}
		n = len(t.list)
		t.list = append(t.list, s)
		t.numbers[s] = n
	}
	return n
}
