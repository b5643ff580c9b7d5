package rpc

import (
	"net/http"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange"
)

func TestSecretProof(t *testing.T) {
	for _, test := range []struct {
		name        string
		ours, their Secret
		valid       bool
	}{
		{"same", "a", "a", true},
		{"other", "a", "b", false},
		{"none sent", "a", "", false},
		{"none wanted", "", "b", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := http.Header{}
			test.their.Sign(h)
			if got := test.ours.Valid(h); got != test.valid {
				t.Errorf("Valid = %v, want %v", got, test.valid)
			}
		})
	}
}

func TestWrapKey(t *testing.T) {
	key := exchange.NewQueryKey()
	for _, test := range []struct {
		name      string
		from, to  Secret
		query     string
		wantError bool
	}{
		{"same secret", "a", "a", "q", false},
		{"no secret", "", "", "q", false},
		{"other secret", "a", "b", "q", true},
		{"other query", "a", "a", "p", true},
		{"only the coordinator has one", "a", "", "q", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			wrapped, err := test.from.WrapKey(key, "q")
			if err != nil {
				t.Fatal(err)
			}
			if test.from != "" && string(wrapped) == string(key[:]) {
				t.Error("the key travels as it is")
			}
			got, err := test.to.UnwrapKey(wrapped, test.query)
			if (err != nil) != test.wantError || err == nil && *got != *key {
				t.Errorf("UnwrapKey = %v, %v; want error: %v", got, err, test.wantError)
			}
		})
	}
	if k, err := Secret("a").UnwrapKey(nil, "q"); k != nil || err != nil {
		t.Errorf("UnwrapKey(nil) = %v, %v", k, err)
	}
}
