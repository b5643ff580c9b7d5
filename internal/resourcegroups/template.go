package resourcegroups

import (
	"fmt"
	"regexp"
	"strings"
)

// Template is the name of a group: text and variables, such as pipeline_${USER}.
type Template struct {
	text      string
	fragments []fragment
}

type fragment struct{ text, variable string }

var variablePattern = regexp.MustCompile(`\$\{([a-zA-Z][a-zA-Z0-9]*)\}`)

func literal(name string) Template {
	return Template{text: name, fragments: []fragment{{text: name}}}
}

// parseTemplate reads a name. The errors are worded as Trino's.
func parseTemplate(name string) (Template, error) {
	switch rest := variablePattern.ReplaceAllString(name, ""); {
	case name == "":
		return Template{}, asTrino("Resource group name is empty")
	case strings.Contains(name, "."):
		return Template{}, asTrino("Invalid resource group name. '%s' contains a '.'", name)
	case strings.ContainsAny(rest, "{}$"):
		return Template{}, asTrino("Invalid resource group name. '%s' contains extraneous '$', '{', or '}", name)
	}
	t := Template{text: name}
	last := 0
	for _, m := range variablePattern.FindAllStringSubmatchIndex(name, -1) {
		if m[0] > last {
			t.fragments = append(t.fragments, fragment{text: name[last:m[0]]})
		}
		t.fragments = append(t.fragments, fragment{variable: name[m[2]:m[3]]})
		last = m[1]
	}
	if last < len(name) {
		t.fragments = append(t.fragments, fragment{text: name[last:]})
	}
	return t, nil
}

// parsePath reads the id of a group: names, with points between them.
func parsePath(id string) ([]Template, error) {
	var path []Template
	for name := range strings.SplitSeq(id, ".") {
		t, err := parseTemplate(name)
		if err != nil {
			return nil, err
		}
		path = append(path, t)
	}
	return path, nil
}

// asTrino is an error in Trino's words, which begin with capitals.
func asTrino(format string, args ...any) error { return fmt.Errorf(format, args...) }

// String returns the name as it was written.
func (t Template) String() string { return t.text }

// variables are the names of the variables.
func (t Template) variables() (out []string) {
	for _, f := range t.fragments {
		if f.variable != "" {
			out = append(out, f.variable)
		}
	}
	return out
}

// expand puts values in the places of variables.
func (t Template) expand(values map[string]string) (string, error) {
	var b strings.Builder
	for _, f := range t.fragments {
		if f.variable == "" {
			b.WriteString(f.text)
			continue
		}
		v, ok := values[f.variable]
		if !ok {
			return "", fmt.Errorf("unresolved variable '%s' in resource group '%s'", f.variable, t)
		}
		b.WriteString(v)
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("the name of resource group '%s' is empty", t)
	}
	return b.String(), nil
}

func pathText(path []Template) string {
	names := make([]string, len(path))
	for i, t := range path {
		names[i] = t.text
	}
	return strings.Join(names, ".")
}
