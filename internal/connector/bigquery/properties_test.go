package bigquery

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// What cannot be honoured is refused when the catalog is opened, and says nothing of the key.
func TestRefusedProperties(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(`{"private_key": "secret"}`))
	for _, tt := range []struct{ text, want string }{
		{"bigquery.credentials-key=secret!", "base64"},
		{"bigquery.credentials-key=" + key, `"type"`},
		{"bigquery.credentials-file=/nowhere/key.json", "/nowhere/key.json"},
		{"bigquery.credentials-key=a\nbigquery.credentials-file=b", "only one of"},
		{"bigquery.arrow-serialization.enabled=false", "must be true"},
		{"bigquery.job.label-name=team", "label-format"},
		{"bigquery.job.label-name=Team\nbigquery.job.label-format=x", "lower-case"},
		{"bigquery.skip-view-materialization=true\nbigquery.view-materialization-dataset=d", "no effect"},
		{"bigquery.rpc-proxy.enabled=true", "HTTPS_PROXY"},
		{"bigquery.views-cache-ttl=15m", "views-cache-ttl"},
		{"bigquery.project=x", "bigquery.project"},
	} {
		f, err := config.ParseProperties("b.properties", tt.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(t.Context(), connector.CatalogConfig{Catalog: "b", File: f})
		if trinoerr.CodeOf(err) != trinoerr.ConfigurationInvalid || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error is %v, want one with %q", tt.text, err, tt.want)
		}
	}
}

// Labels have only what Google's labels can have.
func TestLabels(t *testing.T) {
	s := settings{labelName: "query", labelFormat: "$QUERY_ID by $USER, " + strings.Repeat("x", 100)}
	ctx := connector.WithSession(t.Context(), func() *connector.Session { return &connector.Session{QueryID: "20260101_A", User: "Ann@b"} })
	if got, want := labels(ctx, &s)["query"], "20260101_a_by_ann_b__"+strings.Repeat("x", 42); got != want {
		t.Errorf("the label is %q, want %q", got, want)
	}
}
