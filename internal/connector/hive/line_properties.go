package hive

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waterbear-sql/waterbear/internal/connector/hive/lines"
	"github.com/waterbear-sql/waterbear/internal/connector/metastore"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Properties of tables made of lines.
const (
	propCSVSeparator  = "csv_separator"
	propCSVQuote      = "csv_quote"
	propCSVEscape     = "csv_escape"
	propTextSeparator = "textfile_field_separator"
	propTextEscape    = "textfile_field_separator_escape"
	propNullFormat    = "null_format"
	propHeader        = "skip_header_line_count"
	propFooter        = "skip_footer_line_count"
)

// lineProperties are the properties, the formats that have them and where the metastore keeps them.
var lineProperties = []struct {
	name    string
	formats []string
	key     string
	char    bool
}{
	{propCSVSeparator, []string{lines.CSV}, lines.SeparatorKey, true},
	{propCSVQuote, []string{lines.CSV}, lines.QuoteKey, true},
	{propCSVEscape, []string{lines.CSV}, lines.EscapeKey, true},
	{propTextSeparator, []string{lines.Text}, lines.TextFieldKey, true},
	{propTextEscape, []string{lines.Text}, lines.TextEscapeKey, true},
	{propNullFormat, []string{lines.Text, "RCTEXT", "SEQUENCEFILE"}, lines.TextNullFormatKey, false},
	{propHeader, []string{lines.CSV, lines.Text}, lines.HeaderKey, false},
	{propFooter, []string{lines.CSV, lines.Text}, lines.FooterKey, false},
}

// setLineProperties puts properties into the parameters of a table.
func setLineProperties(t *metastore.Table, format string, properties map[string]any) error {
	for _, p := range lineProperties {
		value, given := properties[p.name]
		if !given || value == nil {
			continue
		}
		if !slices.Contains(p.formats, format) {
			return trinoerr.New(trinoerr.InvalidTableProperty, "Cannot specify %s table property for storage format: %s", p.name, format)
		}
		switch v := value.(type) {
		case string:
			if p.char && utf8.RuneCountInString(v) != 1 {
				return trinoerr.New(trinoerr.InvalidTableProperty, "%s must be a single character string, but was: '%s'", p.name, v)
			}
			t.Parameters[p.key] = v
			if p.name == propTextSeparator {
				t.Parameters[lines.TextFormatKey] = v
			}
		case int64:
			if v < 0 {
				return trinoerr.New(trinoerr.HiveInvalidMetadata, "Invalid value for %s property: %d", p.key, v)
			}
			t.Parameters[p.key] = strconv.FormatInt(v, 10)
		}
	}
	return nil
}

// describeLines adds the properties of a table made of lines.
func describeLines(t *table, out map[string]any) {
	for _, p := range lineProperties {
		if !slices.Contains(p.formats, t.format()) {
			continue
		}
		text, ok := t.meta.Storage.SerdeParameters[p.key]
		if !ok {
			text, ok = t.meta.Parameters[p.key]
		}
		if !ok {
			continue
		}
		if p.name == propHeader || p.name == propFooter {
			if n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64); err == nil && n > 0 {
				out[p.name] = n
			}
			continue
		}
		out[p.name] = text
	}
}
