package coordinator

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/types"
)

// TestIODomain writes what is asked of a column as ranges.
func TestIODomain(t *testing.T) {
	bound := func(v int64, inclusive bool) *connector.Bound {
		return &connector.Bound{Value: v, Inclusive: inclusive}
	}
	for _, tt := range []struct {
		name    string
		domains []connector.Domain
		want    string
	}{
		{"values", []connector.Domain{{Column: "a", Values: []any{int64(1), int64(2)}}},
			`{"nullsAllowed":false,"ranges":[{"low":{"value":"1","bound":"EXACTLY"},"high":{"value":"1","bound":"EXACTLY"}},` +
				`{"low":{"value":"2","bound":"EXACTLY"},"high":{"value":"2","bound":"EXACTLY"}}]}`},
		{"above", []connector.Domain{{Column: "a", Low: bound(5, false)}},
			`{"nullsAllowed":false,"ranges":[{"low":{"value":"5","bound":"ABOVE"},"high":{"bound":"BELOW"}}]}`},
		{"between, in two parts", []connector.Domain{{Column: "a", Low: bound(5, true)}, {Column: "b"}, {Column: "a", High: bound(7, false)}},
			`{"nullsAllowed":false,"ranges":[{"low":{"value":"5","bound":"EXACTLY"},"high":{"value":"7","bound":"BELOW"}}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := json.Marshal(ioDomainOf(tt.domains, "a", types.Of(types.BigInt)))
			if err != nil || string(raw) != tt.want {
				t.Errorf("got %s, %v, want %s", raw, err, tt.want)
			}
		})
	}
}

// TestJSONDouble writes estimates, which may be unknown.
func TestJSONDouble(t *testing.T) {
	raw, err := json.Marshal([]jsonDouble{1, 2.5, jsonDouble(math.NaN())})
	if want := `[1.0,2.5,"NaN"]`; err != nil || string(raw) != want {
		t.Errorf("got %s, %v, want %s", raw, err, want)
	}
}
