package format

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Printer prints the rows of one result.
type Printer interface {
	// Rows prints some rows. Formats with columns of equal width look only at these.
	Rows(rows []Row) error
	// Finish prints what comes after the last row. It must be called for a result without rows too.
	Finish() error
}

// Names lists the formats.
var Names = []string{
	"AUTO", "ALIGNED", "VERTICAL", "TSV", "TSV_HEADER", "CSV", "CSV_HEADER", "CSV_UNQUOTED", "CSV_HEADER_UNQUOTED",
	"JSON", "MARKDOWN", "NULL",
}

// Check returns an error if there is no format with that name; case does not matter.
func Check(name string) error {
	if slices.Contains(Names, strings.ToUpper(name)) {
		return nil
	}
	return fmt.Errorf("unknown output format %q: use one of %s", name, strings.Join(Names, ", "))
}

// New returns the printer of a format. width is that of the terminal, 0 if there is none; only AUTO asks for it.
func New(name string, columns []Column, out io.Writer, width int) (Printer, error) {
	if err := Check(name); err != nil {
		return nil, err
	}
	w := &writer{bufio.NewWriter(out)}
	switch name = strings.ToUpper(name); name {
	case "AUTO":
		return &auto{columns: columns, w: w, width: width}, nil
	case "ALIGNED":
		return &aligned{columns: columns, w: w}, nil
	case "VERTICAL":
		return &vertical{columns: columns, w: w}, nil
	case "TSV", "TSV_HEADER":
		return &delimited{columns: columns, w: w, separator: "\t", cell: tsvCell, header: name != "TSV"}, nil
	case "CSV", "CSV_HEADER":
		return &delimited{columns: columns, w: w, separator: ",", cell: csvCell, header: name != "CSV"}, nil
	case "CSV_UNQUOTED", "CSV_HEADER_UNQUOTED":
		return &delimited{columns: columns, w: w, separator: ",", cell: plainCell, header: name != "CSV_UNQUOTED"}, nil
	case "JSON":
		return &jsonLines{columns: columns, w: w}, nil
	case "MARKDOWN":
		return &markdown{columns: columns, w: w}, nil
	}
	return null{}, nil
}

// A writer collects output; the first error stays until flush.
type writer struct{ *bufio.Writer }

func (w *writer) print(parts ...string) {
	for _, s := range parts {
		_, _ = w.WriteString(s) // Flush returns the error
	}
}

// cells returns the text of the values of a row, NULL as null, binary values perLine bytes on a line.
func cells(columns []Column, row Row, null string, perLine int) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = null
		if i < len(row.values) {
			if s, ok := text(row.values[i], c.Type, perLine); ok {
				out[i] = s
			}
		}
	}
	return out
}

// null prints nothing.
type null struct{}

func (null) Rows([]Row) error { return nil }
func (null) Finish() error    { return nil }

// auto prints a table if it fits into the terminal, and records otherwise. It decides on the first rows.
type auto struct {
	columns []Column
	w       *writer
	width   int
	chosen  Printer
}

func (p *auto) Rows(rows []Row) error {
	if p.chosen == nil {
		p.chosen = &vertical{columns: p.columns, w: p.w}
		if tableWidth(columnWidths(p.columns, tableCells(p.columns, rows))) <= p.width {
			p.chosen = &aligned{columns: p.columns, w: p.w}
		}
	}
	return p.chosen.Rows(rows)
}

func (p *auto) Finish() error {
	if p.chosen == nil {
		if err := p.Rows(nil); err != nil {
			return err
		}
	}
	return p.chosen.Finish()
}
