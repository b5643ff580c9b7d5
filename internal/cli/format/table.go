package format

import (
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

// console measures text as terminals show it: control characters take no space, wide ones two columns.
var console = func() *runewidth.Condition {
	c := runewidth.NewCondition()
	c.EastAsianWidth = false
	return c
}()

// displayWidth returns the number of columns that a text takes on a terminal, in one line.
func displayWidth(s string) int {
	width := 0
	for _, r := range s {
		width += console.RuneWidth(r)
	}
	return width
}

// valueWidth is the width of the widest line of a text.
func valueWidth(s string) int {
	width := 0
	for line := range strings.SplitSeq(s, "\n") {
		width = max(width, displayWidth(line))
	}
	return width
}

func pad(n int) string { return strings.Repeat(" ", max(0, n)) }

func align(s string, width int, right bool) string {
	if space := pad(width - displayWidth(s)); right {
		return space + s
	} else {
		return s + space
	}
}

func tableCells(columns []Column, rows []Row) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = cells(columns, row, nullText, tableBytes)
	}
	return out
}

// columnWidths returns the width of each column, wide enough for its name and the given cells.
func columnWidths(columns []Column, table [][]string) []int {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = max(1, displayWidth(c.Name))
		for _, row := range table {
			widths[i] = max(widths[i], valueWidth(row[i]))
		}
	}
	return widths
}

// tableWidth is the width of a whole line of an aligned table.
func tableWidth(widths []int) int {
	total := max(0, len(widths)-1)
	for _, w := range widths {
		total += w + 2
	}
	return total
}

// aligned prints a table with columns of equal width.
type aligned struct {
	columns  []Column
	w        *writer
	headed   bool
	rowCount int
}

func (p *aligned) Rows(rows []Row) error {
	p.rowCount += len(rows)
	table := tableCells(p.columns, rows)
	widths := columnWidths(p.columns, table)
	if !p.headed {
		p.headed = true
		p.header(widths)
	}
	for _, row := range table {
		p.row(row, widths, len(rows) > 1)
	}
	return p.w.Flush()
}

func (p *aligned) header(widths []int) {
	for i, c := range p.columns {
		if i > 0 {
			p.w.print("|")
		}
		left := (widths[i] - displayWidth(c.Name)) / 2
		p.w.print(pad(left+1), c.Name, pad(widths[i]-displayWidth(c.Name)-left+1))
	}
	p.w.print("\n")
	for i := range p.columns {
		if i > 0 {
			p.w.print("+")
		}
		p.w.print(strings.Repeat("-", widths[i]+2))
	}
	p.w.print("\n")
}

// row prints one row; values of several lines go on below. Among other rows, a plus marks lines that go on.
func (p *aligned) row(row []string, widths []int, marked bool) {
	lines := make([][]string, len(row))
	height := 1
	for i, cell := range row {
		lines[i] = strings.Split(cell, "\n")
		height = max(height, len(lines[i]))
	}
	for y := range height {
		for i, c := range p.columns {
			if i > 0 {
				p.w.print("|")
			}
			line, mark := "", " "
			if y < len(lines[i]) {
				line = lines[i][y]
			}
			if marked && y < len(lines[i])-1 {
				mark = "+"
			}
			p.w.print(" ", align(line, widths[i], c.Type.numeric()), mark)
		}
		p.w.print("\n")
	}
}

func (p *aligned) Finish() error {
	if err := p.Rows(nil); err != nil {
		return err
	}
	plural := "s"
	if p.rowCount == 1 {
		plural = ""
	}
	p.w.print("(", strconv.Itoa(p.rowCount), " row", plural, ")\n")
	return p.w.Flush()
}

// vertical prints each row as a record: a line for each column.
type vertical struct {
	columns  []Column
	w        *writer
	rowCount int
}

func (p *vertical) Rows(rows []Row) error {
	names, values := 0, 0
	table := tableCells(p.columns, rows)
	for i, c := range p.columns {
		names = max(names, displayWidth(c.Name))
		for _, row := range table {
			values = max(values, valueWidth(row[i]))
		}
	}
	rule := strings.Repeat("-", names+1) + "+" + strings.Repeat("-", values+1)
	for _, row := range table {
		p.rowCount++
		title := "-[ RECORD " + strconv.Itoa(p.rowCount) + " ]"
		if len(title) < len(rule) {
			title += rule[len(title):]
		}
		p.w.print(title, "\n")
		for i, c := range p.columns {
			p.field(c.Name, row[i], names)
		}
	}
	return p.w.Flush()
}

func (p *vertical) field(name, value string, width int) {
	for line := range strings.SplitSeq(value, "\n") {
		p.w.print(align(name, width, false), " | ", line, "\n")
		name = ""
	}
}

func (p *vertical) Finish() error {
	if p.rowCount == 0 {
		p.w.print("(no rows)\n")
	}
	return p.w.Flush()
}

// markdown prints a Markdown table.
type markdown struct {
	columns []Column
	w       *writer
	headed  bool
}

var markdownEscape = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `{`, `\{`, `}`, `\}`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`,
	`(`, `\(`, `)`, `\)`, `#`, `\#`, `+`, `\+`, `!`, `\!`, `|`, `\|`, "\n", "<br>",
)

func (p *markdown) Rows(rows []Row) error {
	table := tableCells(p.columns, rows)
	for _, row := range table {
		for i := range row {
			row[i] = markdownEscape.Replace(row[i])
		}
	}
	widths := columnWidths(p.columns, table)
	if !p.headed {
		p.headed = true
		p.header(widths)
	}
	for _, row := range table {
		for i, c := range p.columns {
			p.w.print("| ", align(row[i], widths[i], c.Type.numeric()), " ")
		}
		p.w.print("|\n")
	}
	return p.w.Flush()
}

func (p *markdown) header(widths []int) {
	for i, c := range p.columns {
		p.w.print("| ", align(c.Name, widths[i], c.Type.numeric()), " ")
	}
	p.w.print("|\n")
	for i, c := range p.columns {
		end := " "
		if c.Type.numeric() {
			end = ":"
		}
		p.w.print("| ", strings.Repeat("-", widths[i]), end)
	}
	p.w.print("|\n")
}

func (p *markdown) Finish() error { return p.Rows(nil) }
