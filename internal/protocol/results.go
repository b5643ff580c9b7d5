package protocol

import (
	"strconv"
)

// A response is one answer of /v1/statement, before it is written.
type response struct {
	id               string
	infoURI          string
	partialCancelURI string // empty when there is no stage to stop
	nextURI          string // empty on the last page
	columns          []byte // rendered; nil when not known yet
	page             *ResultPage
}

// emptyStats are those of a query that was just taken.
var emptyStats = Stats{State: "QUEUED", Queued: true}

// head returns the response up to its rows, tail what comes after them. Between the two go the fragments of rows, as
// they are.
func (r *response) head() []byte {
	b := appendField(nil, '{', "id", r.id)
	b = appendField(b, ',', "infoUri", r.infoURI)
	if r.partialCancelURI != "" {
		b = appendField(b, ',', "partialCancelUri", r.partialCancelURI)
	}
	if r.nextURI != "" {
		b = appendField(b, ',', "nextUri", r.nextURI)
	}
	if r.columns != nil {
		b = append(append(b, `,"columns":`...), r.columns...)
	}
	if len(r.page.Data) > 0 {
		b = append(b, `,"data":[`...)
	}
	return b
}

func (r *response) tail() []byte {
	var b []byte
	if len(r.page.Data) > 0 {
		b = append(b, ']')
	}
	b = append(append(b, `,"stats":`...), mustJSON(r.page.Stats)...)
	if r.page.Err != nil {
		b = append(append(b, `,"error":`...), mustJSON(renderError(r.page.Err))...)
	}
	b = append(append(b, `,"warnings":`...), mustJSON(renderWarnings(r.page.Warnings))...)
	if r.page.UpdateType != "" {
		b = appendField(b, ',', "updateType", r.page.UpdateType)
	}
	if n := r.page.UpdateCount; n != nil {
		b = strconv.AppendInt(append(b, `,"updateCount":`...), *n, 10)
	}
	return append(b, '}')
}

// body returns the pieces of the response in order; the rows are not copied.
func (r *response) body() [][]byte {
	parts := [][]byte{r.head()}
	for i, fragment := range r.page.Data {
		if i > 0 {
			parts = append(parts, []byte{','})
		}
		parts = append(parts, fragment)
	}
	return append(parts, r.tail())
}

func appendField(b []byte, sep byte, name, value string) []byte {
	b = append(b, sep, '"')
	b = append(append(b, name...), `":`...)
	return append(b, mustJSON(value)...)
}

type warningJSON struct {
	Code    warningCodeJSON `json:"warningCode"`
	Message string          `json:"message"`
}

type warningCodeJSON struct {
	Code int    `json:"code"`
	Name string `json:"name"`
}

func renderWarnings(ws []Warning) []warningJSON {
	out := make([]warningJSON, len(ws))
	for i, w := range ws {
		out[i] = warningJSON{warningCodeJSON{w.Code, w.Name}, w.Message}
	}
	return out
}
