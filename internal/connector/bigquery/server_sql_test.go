//go:build e2e

package bigquery

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	bq "google.golang.org/api/bigquery/v2"

	"github.com/waterbear-sql/waterbear/internal/engine"
)

// token is a token of BigQuery's SQL, without its quotes.
type token struct {
	kind byte // '`', '\'', 'w' of a word or number, or 'p' of another character
	text string
}

// scan divides a statement.
func scan(text string) (tokens []token, err error) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\n' || c == '\t':
			i++
		case c == '`' || c == '\'':
			var b []byte
			for i++; ; i++ {
				if i >= len(text) {
					return nil, fmt.Errorf("unclosed literal in %s", text)
				}
				if text[i] == c {
					break
				}
				if text[i] == '\\' {
					i++
					if text[i] == 'x' {
						n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
						if err != nil {
							return nil, err
						}
						b = append(b, byte(n))
						i += 2
						continue
					}
				}
				b = append(b, text[i])
			}
			i++
			tokens = append(tokens, token{c, string(b)})
		case c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			end := i
			for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end] >= 'a' && text[end] <= 'z' || text[end] >= 'A' && text[end] <= 'Z') {
				end++
			}
			tokens = append(tokens, token{'w', text[i:end]})
			i = end
		default:
			tokens = append(tokens, token{'p', string(c)})
			i++
		}
	}
	return tokens, nil
}

func firstWords(tokens []token) string {
	if len(tokens) < 2 {
		return ""
	}
	return strings.ToUpper(tokens[0].text + " " + tokens[1].text)
}

// translate makes DuckDB's SQL of BigQuery's.
func (s *server) translate(text string) (string, error) {
	tokens, err := scan(text)
	return s.render(tokens), err
}

func (s *server) render(tokens []token) string {
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.kind == '`' && i+4 < len(tokens) && t.text == project && tokens[i+1].text == "." && tokens[i+3].text == ".":
			b.WriteString(s.named(tokens[i+2].text, tokens[i+4].text))
			i += 4
		case t.kind == '`':
			b.WriteString(engine.QuoteName(t.text))
		case t.kind == '\'':
			b.WriteString(engine.QuoteText(t.text))
		case t.kind == 'w' && i+1 < len(tokens) && tokens[i+1].kind == '\'':
			switch t.text {
			case "NUMERIC", "BIGNUMERIC":
				b.WriteString(tokens[i+1].text)
				i++
			case "DATETIME", "TIMESTAMP":
				b.WriteString("TIMESTAMP " + engine.QuoteText(strings.TrimSuffix(tokens[i+1].text, " UTC")))
				i++
			default:
				b.WriteString(t.text)
			}
		default:
			b.WriteString(t.text)
			if t.kind == 'p' && strings.ContainsAny(t.text, "<>!|:") { // operators of two characters
				continue
			}
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// named is a table, or the tables whose names begin alike.
func (s *server) named(dataset, table string) string {
	prefix, wild := strings.CutSuffix(table, "*")
	if !wild {
		return tableName(dataset, table)
	}
	var parts []string
	for _, name := range keys(s.datasets[dataset]) {
		if suffix, ok := strings.CutPrefix(name, prefix); ok {
			parts = append(parts, "SELECT *, "+engine.QuoteText(suffix)+" AS _TABLE_SUFFIX FROM "+tableName(dataset, name))
		}
	}
	return "(" + strings.Join(parts, " UNION ALL BY NAME ") + ")"
}

// describe says what fields a query gives.
func (s *server) describe(query string) (*bq.TableSchema, error) {
	out := &bq.TableSchema{}
	err := s.db.QueryChunks(context.Background(), "SELECT column_name, column_type FROM (DESCRIBE "+query+")", func(c *engine.Chunk) error {
		for i := range c.Rows {
			f := &bq.TableFieldSchema{Name: string(c.Columns[0].Bytes(i))}
			switch kind := string(c.Columns[1].Bytes(i)); {
			case kind == "BIGINT" || kind == "INTEGER":
				f.Type = "INTEGER"
			case kind == "VARCHAR":
				f.Type = "STRING"
			case kind == "DOUBLE":
				f.Type = "FLOAT"
			case kind == "BOOLEAN", kind == "DATE":
				f.Type = kind
			case kind == "INTERVAL":
				f.Type = kind
			default:
				return fmt.Errorf("no type of BigQuery for %s", kind)
			}
			out.Fields = append(out.Fields, f)
		}
		return nil
	})
	return out, err
}

// createAs makes a table, with the rows of a query if there is one.
func (s *server) createAs(tokens []token) error {
	p := &definitionParser{tokens: tokens[7:]} // CREATE TABLE `p` . `d` . `t`
	dataset, table := tokens[4].text, tokens[6].text
	m := &bq.Table{TableReference: &bq.TableReference{ProjectId: project, DatasetId: dataset, TableId: table}, Schema: &bq.TableSchema{}}
	p.expect("(")
	for {
		name := p.next().text
		f := p.field(name)
		if p.accept("NOT") {
			p.expect("NULL")
			f.Mode = "REQUIRED"
		}
		f.Description = p.description()
		m.Schema.Fields = append(m.Schema.Fields, f)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	m.Description = p.description()
	if p.err != nil {
		return p.err
	}
	if _, err := s.createTable(dataset, m); err != nil {
		return err
	}
	if !p.accept("AS") {
		return p.err
	}
	return s.db.Exec(context.Background(), "INSERT INTO "+tableName(dataset, table)+" "+s.render(p.tokens))
}

// definitionParser reads the definition of a table.
type definitionParser struct {
	tokens []token
	err    error
}

func (p *definitionParser) next() token {
	if len(p.tokens) == 0 {
		p.err = fmt.Errorf("the statement ends early")
		return token{}
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t
}

func (p *definitionParser) accept(text string) bool {
	if len(p.tokens) == 0 || p.tokens[0].text != text || p.tokens[0].kind == '`' {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *definitionParser) expect(text string) {
	if !p.accept(text) && p.err == nil {
		p.err = fmt.Errorf("expected %s before %v", text, p.tokens)
	}
}

func (p *definitionParser) description() string {
	if !p.accept("OPTIONS") {
		return ""
	}
	p.expect("(")
	p.expect("description")
	p.expect("=")
	text := p.next().text
	p.expect(")")
	return text
}

func (p *definitionParser) field(name string) *bq.TableFieldSchema {
	f := &bq.TableFieldSchema{Name: name}
	switch kind := p.next().text; kind {
	case "ARRAY":
		p.expect("<")
		f = p.field(name)
		f.Mode = "REPEATED"
		p.expect(">")
	case "STRUCT":
		f.Type = "RECORD"
		p.expect("<")
		for {
			f.Fields = append(f.Fields, p.field(p.next().text))
			if !p.accept(",") {
				break
			}
		}
		p.expect(">")
	case "NUMERIC", "BIGNUMERIC":
		f.Type = kind
		if p.accept("(") {
			f.Precision, _ = strconv.ParseInt(p.next().text, 10, 64)
			p.expect(",")
			f.Scale, _ = strconv.ParseInt(p.next().text, 10, 64)
			p.expect(")")
		}
	case "INT64":
		f.Type = "INTEGER"
	case "FLOAT64":
		f.Type = "FLOAT"
	case "BOOL":
		f.Type = "BOOLEAN"
	case "STRING", "BYTES", "JSON", "DATE", "TIME", "DATETIME", "TIMESTAMP":
		f.Type = kind
	default:
		p.err = fmt.Errorf("unknown type %s", kind)
	}
	return f
}

// alter changes the names of a table or of its columns.
func (s *server) alter(tokens []token) error {
	dataset, table := tokens[4].text, tokens[6].text
	tables := s.datasets[dataset]
	m := tables[table]
	change := tokens[7:]
	if m == nil {
		return missing("Table " + table)
	}
	if err := s.db.Exec(context.Background(), s.render(tokens)); err != nil {
		return err
	}
	switch words := firstWords(change); words {
	case "RENAME TO":
		delete(tables, table)
		m.TableReference.TableId = change[2].text
		tables[change[2].text] = m
	case "DROP COLUMN":
		m.Schema.Fields = slices.DeleteFunc(m.Schema.Fields, func(f *bq.TableFieldSchema) bool { return f.Name == change[2].text })
	case "RENAME COLUMN":
		for _, f := range m.Schema.Fields {
			if f.Name == change[2].text {
				f.Name = change[4].text
			}
		}
	default:
		return fmt.Errorf("cannot %s", words)
	}
	return nil
}

// duckType is the type of DuckDB's in which the server keeps a field. Instants are timestamps in UTC.
func duckType(f *bq.TableFieldSchema) string { return engine.BatchColumnType(duckColumn(f)) }
