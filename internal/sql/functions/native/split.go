package native

import (
	"strings"
)

// splitFunctions cut texts into maps: text, delimiter of entries, delimiter of a key and its value.
var splitFunctions = []Function{
	{"wb_split_to_map", params("VARCHAR", "VARCHAR", "VARCHAR"), "MAP(VARCHAR, VARCHAR)", func(a []any) (any, error) {
		entries, err := splitEntries(a, "'")
		if err != nil {
			return nil, err
		}
		out, seen := []any{}, map[string]bool{}
		for _, e := range entries {
			if seen[e[0]] {
				return nil, invalidArgument("Duplicate keys (%s) are not allowed", e[0])
			}
			seen[e[0]] = true
			out = append(out, []any{e[0], e[1]})
		}
		return out, nil
	}},
	{"wb_split_to_multimap", params("VARCHAR", "VARCHAR", "VARCHAR"), "MAP(VARCHAR, VARCHAR[])", func(a []any) (any, error) {
		entries, err := splitEntries(a, "")
		if err != nil {
			return nil, err
		}
		out, at := []any{}, map[string]int{}
		for _, e := range entries {
			i, ok := at[e[0]]
			if !ok {
				at[e[0]] = len(out)
				out = append(out, []any{e[0], []any{e[1]}})
				continue
			}
			entry := out[i].([]any)
			entry[1] = append(entry[1].([]any), e[1])
		}
		return out, nil
	}},
	// Puts a text before, between and after the characters of another one.
	{"wb_intersperse", params("VARCHAR", "VARCHAR"), "VARCHAR", func(a []any) (any, error) {
		var b strings.Builder
		b.WriteString(a[1].(string))
		for _, r := range a[0].(string) {
			b.WriteRune(r)
			b.WriteString(a[1].(string))
		}
		return b.String(), nil
	}},
}

// splitEntries cuts a text into keys and values. quote stands around an entry that is shown in a message.
func splitEntries(a []any, quote string) ([][2]string, error) {
	text, outer, inner := a[0].(string), a[1].(string), a[2].(string)
	switch {
	case outer == "":
		return nil, invalidArgument("entryDelimiter is empty")
	case inner == "":
		return nil, invalidArgument("keyValueDelimiter is empty")
	case outer == inner:
		return nil, invalidArgument("entryDelimiter and keyValueDelimiter must not be the same")
	}
	var out [][2]string
	for text != "" {
		entry, rest, _ := strings.Cut(text, outer)
		key, value, ok := strings.Cut(entry, inner)
		if !ok || strings.Contains(value, inner) {
			return nil, invalidArgument("Key-value delimiter must appear exactly once in each entry. Bad input: %s", quote+entry+quote)
		}
		out = append(out, [2]string{key, value})
		text = rest
	}
	return out, nil
}
