package config

import (
	"fmt"
	"strings"
)

// Reference returns the page docs/reference/properties.md, which is generated from the tables.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Configuration properties

<!-- Generated from the tables in internal/config by "go generate ./internal/config"; do not edit. -->

A configuration directory has the files ` + "`config.properties`, `node.properties`, `exchange-manager.properties` (optional)," + `
` + "`resource-groups.properties` (optional), `log.properties` (optional) and `catalog/*.properties`" + `, in the format of Java's properties. The names are Trino's; what Trino
has no name for begins with ` + "`waterbear.`" + `. A property that is not listed here stops the start, with file and line. A value may
take environment variables: ` + "`${ENV:NAME}`" + `.

Sizes are numbers with a unit, in binary multiples: B, kB, MB, GB, TB, PB. Durations too: ns, us, ms, s, m, h, d.
Session properties are changed with ` + "`SET SESSION`" + `; those in italics are not listed by ` + "`SHOW SESSION`" + `.

## config.properties

`)
	ServerTable.reference(&b)
	QueryTable.reference(&b)
	SessionTable.reference(&b)
	SchedulingTable.reference(&b)
	CommunicationTable.reference(&b)
	SpoolingTable.reference(&b)
	ResourcesTable.reference(&b)
	b.WriteString("## Other files\n\n")
	NodeTable.reference(&b)
	ExchangeTable.reference(&b)
	ExchangeS3Table.reference(&b)
	ExchangeAzureTable.reference(&b)
	ExchangeGCSTable.reference(&b)
	ExchangeHDFSTable.reference(&b)
	ResourceGroupsTable.reference(&b)
	fmt.Fprintf(&b, "### log.properties\n\nEach line is a logger and a level (DEBUG, INFO, WARN, ERROR, OFF): `io.trino` or `waterbear` "+
		"for all packages, which\nlog at INFO otherwise, or one of: `waterbear.%s`.\n\n",
		strings.ReplaceAll(strings.Join(logPackages, "`, `waterbear."), "/", "."))
	b.WriteString("## Session properties without a configuration property\n\nThey are accepted because clients set them. They cannot " +
		"change results; what they steer in Trino, Waterbear decides by\nitself.\n\n| Session property | Type | Allowed |\n|---|---|---|\n")
	for _, p := range SessionTable.Properties {
		if p.Session != nil && p.Session.Hint {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", sessionCell(p.Session), p.Value.Kind, p.Value.bounds)
		}
	}
	return b.String()
}

// Documented is a table of properties, of whatever it is that they configure.
type Documented interface {
	// Reference returns the table as a section of a Markdown page.
	Reference() string
}

// Reference implements Documented.
func (t *Table[C]) Reference() string {
	var b strings.Builder
	t.reference(&b)
	return b.String()
}

func (t *Table[C]) reference(b *strings.Builder) {
	fmt.Fprintf(b, "### %s\n\n| Property | Type | Allowed | Default | Session property | Meaning |\n|---|---|---|---|---|---|\n", t.Title)
	for _, p := range t.Properties {
		if p.Name == "" {
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", p.Name, p.Value.Kind, p.Value.bounds, p.defaultCell(), sessionCell(p.Session), p.meaning())
	}
	b.WriteByte('\n')
	refused(b, "No longer accepted", t.Defunct)
	refused(b, "Not supported", t.Unsupported)
}

func refused(b *strings.Builder, title string, list []Defunct) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n\n", title)
	for _, d := range list {
		fmt.Fprintf(b, "- `%s`: %s\n", d.Name, d.Use)
	}
	b.WriteByte('\n')
}

func (p *Property[C]) defaultCell() string {
	switch {
	case p.Required:
		return "required"
	case p.DefaultDoc != "":
		return p.DefaultDoc
	case p.Default == "":
		return "none"
	}
	return "`" + p.Default + "`"
}

func (p *Property[C]) meaning() string {
	text := p.Doc
	if len(p.Aliases) > 0 {
		text += " Also accepted as `" + strings.Join(p.Aliases, "`, `") + "`."
	}
	return text
}

func sessionCell(s *SessionInfo) string {
	switch {
	case s == nil:
		return ""
	case s.Hidden:
		return "*`" + s.Name + "`*"
	}
	return "`" + s.Name + "`"
}
