package main

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write docs/reference/catalog-properties.md anew")

const catalogPage = `# Catalog properties

<!-- Generated from the tables of the connectors by "go test ./cmd/waterbear -rewrite"; do not edit. -->

A file ` + "`catalog/NAME.properties`" + ` makes a catalog: ` + "`connector.name`" + ` says which of the connectors below it has, the rest are that connector's properties. What they
are for is described in [connectors.md](../connectors.md). A property that is not listed here stops the start, with file and line; values may take environment variables:
` + "`${ENV:NAME}`" + `. Session properties are changed with ` + "`SET SESSION catalog.name = value`" + `.

`

// TestCatalogReference compares the reference of the connectors' properties with their tables.
func TestCatalogReference(t *testing.T) {
	const path = "../../docs/reference/catalog-properties.md"
	var b strings.Builder
	b.WriteString(catalogPage)
	for _, f := range factories {
		b.WriteString("## `connector.name=" + f.Name + "`\n\n")
		b.WriteString(f.Properties.Reference())
	}
	want := strings.TrimRight(b.String(), "\n") + "\n"
	if *rewrite {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/reference/catalog-properties.md is not up to date: go test ./cmd/waterbear -run TestCatalogReference -rewrite")
	}
}
