package native

import (
	"strconv"
	"strings"
)

// maxListagg is how long the result of listagg may be, in bytes, before what says that something was left out.
const maxListagg = 1 << 20

// listaggFunctions joins texts as LISTAGG ... ON OVERFLOW TRUNCATE does: values, separator, filler, whether to tell how many values
// were left out.
var listaggFunctions = []Function{
	{"wb_listagg", params("VARCHAR[]", "VARCHAR", "VARCHAR", "BOOLEAN"), "VARCHAR", func(a []any) (any, error) {
		return listagg(a[0].([]any), a[1].(string), a[2].(string), a[3].(bool)), nil
	}},
}

func listagg(values []any, separator, filler string, count bool) any {
	var texts []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	if texts == nil {
		return nil
	}
	var b strings.Builder
	for i, s := range texts {
		if i > 0 {
			s = separator + s
		}
		if b.Len()+len(s) > maxListagg {
			if i > 0 {
				b.WriteString(separator)
			}
			b.WriteString(filler)
			if count {
				b.WriteString("(" + strconv.Itoa(len(texts)-i) + ")")
			}
			break
		}
		b.WriteString(s)
	}
	return b.String()
}
