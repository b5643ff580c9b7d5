package config

import (
	"errors"
	"fmt"
	"slices"
)

// Property is one row of a table: everything there is to say about a property.
type Property[C any] struct {
	// Name in the file; empty for a session property that has no property in a file.
	Name string
	// Aliases are other names that are accepted.
	Aliases []string
	// Value is its type, bounds and field.
	Value Value[C]
	// Default is the value, as text, of a property that is not set; empty leaves the field's zero value.
	Default string
	// DefaultFrom gives the default when it depends on the machine; DefaultDoc then describes it for the reference.
	DefaultFrom func(Host) string
	DefaultDoc  string
	// Required properties must be set.
	Required bool
	// Secret values are not shown in messages.
	Secret bool
	// Doc is one or two sentences on what it does.
	Doc string
	// UsedBy is the package that acts on it.
	UsedBy string
	// Session makes it a session property as well; nil for the others.
	Session *SessionInfo
}

// Defunct is a name that once worked; setting it is an error.
type Defunct struct {
	Name string
	// Use says what to do instead: "use 'x'", or that it can be removed.
	Use string
}

// Table is the list of properties that fill one struct.
type Table[C any] struct {
	// Title heads the table in the reference.
	Title      string
	Properties []Property[C]
	Defunct    []Defunct
	// Unsupported are properties of Trino that would steer what there is not here; setting one is an error that says so.
	Unsupported []Defunct
	// Complete, when not nil, is called before Check, and sets what is not set and follows from other properties.
	Complete func(*C, Host)
	// Check, when not nil, is called with the filled struct, for rules about several properties.
	Check func(*C) error
}

// Section is a table together with the struct that it fills.
type Section interface {
	apply(r *reading)
	names() []string
}

// Into makes a section of a table: reading a file with it fills c.
func (t *Table[C]) Into(c *C) Section { return binding[C]{t, c} }

// Read fills a struct from a file whose only properties are this table's, as a connector does with its catalog file.
func (t *Table[C]) Read(f *File, host Host) (C, error) {
	var c C
	err := Read(f, host, t.Into(&c))
	return c, err
}

// Defaults returns the struct of an empty file, without regard to what is required.
func (t *Table[C]) Defaults(host Host) C {
	var c C
	t.setDefaults(&c, host)
	if t.Complete != nil {
		t.Complete(&c, host)
	}
	return c
}

func (t *Table[C]) setDefaults(c *C, host Host) {
	for _, p := range t.Properties {
		text := p.Default
		if p.DefaultFrom != nil {
			text = p.DefaultFrom(host)
		}
		if text == "" {
			continue
		}
		if err := p.Value.set(c, text); err != nil {
			panic(fmt.Sprintf("config: the default %q of %s: %v", text, p.Name, err))
		}
	}
}

// Read fills the structs of all sections from one file, each entry of which must belong to one of them. The error is a
// Problems with everything that is wrong.
func Read(f *File, host Host, sections ...Section) error {
	r := &reading{file: f, host: host, used: make([]bool, len(f.Entries))}
	var known []string
	for _, s := range sections {
		s.apply(r)
		known = append(known, s.names()...)
	}
	for i, e := range f.Entries {
		if r.used[i] {
			continue
		}
		if home := homeOf(e.Key); home != "" {
			r.problems.add(f.Path, e.Line, "property '%s' belongs in %s", e.Key, home)
		} else if meant := nearest(e.Key, known); meant != "" {
			r.problems.add(f.Path, e.Line, "unknown property '%s'; did you mean '%s'?", e.Key, meant)
		} else {
			r.problems.add(f.Path, e.Line, "unknown property '%s'", e.Key)
		}
	}
	return r.problems.err()
}

// reading is the state of reading one file.
type reading struct {
	file     *File
	host     Host
	used     []bool // by entry
	problems Problems
}

// take marks and returns the entry of a name.
func (r *reading) take(name string) (Entry, bool) {
	i := slices.IndexFunc(r.file.Entries, func(e Entry) bool { return e.Key == name })
	if i < 0 {
		return Entry{}, false
	}
	r.used[i] = true
	return r.file.Entries[i], true
}

type binding[C any] struct {
	table *Table[C]
	c     *C
}

func (b binding[C]) names() []string {
	var names []string
	for _, p := range b.table.Properties {
		if p.Name != "" {
			names = append(append(names, p.Name), p.Aliases...)
		}
	}
	return names
}

func (b binding[C]) apply(r *reading) {
	before := len(r.problems)
	b.table.setDefaults(b.c, r.host)
	for _, d := range b.table.Defunct {
		if e, found := r.take(d.Name); found {
			r.problems.add(r.file.Path, e.Line, "property '%s' is defunct: %s", d.Name, d.Use)
		}
	}
	for _, d := range b.table.Unsupported {
		if e, found := r.take(d.Name); found {
			r.problems.add(r.file.Path, e.Line, "property '%s' is not supported: %s", d.Name, d.Use)
		}
	}
	for i := range b.table.Properties {
		if p := &b.table.Properties[i]; p.Name != "" {
			b.read(r, p)
		}
	}
	if b.table.Complete != nil {
		b.table.Complete(b.c, r.host)
	}
	if b.table.Check == nil || len(r.problems) > before {
		return
	}
	if err := b.table.Check(b.c); err != nil {
		r.problems.add(r.file.Path, b.lineOf(r, err), "%v", err)
	}
}

// read sets one property from the file.
func (b binding[C]) read(r *reading, p *Property[C]) {
	var set *Entry
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		e, found := r.take(name)
		if !found {
			continue
		}
		if set != nil {
			r.problems.add(r.file.Path, e.Line, "property '%s' is the same as '%s' in line %d; remove one", e.Key, set.Key, set.Line)
			continue
		}
		set = &e
	}
	switch {
	case set == nil && p.Required:
		r.problems.add(r.file.Path, 0, "required property '%s' is not set: it must be %s", p.Name, p.Value.Allowed)
	case set != nil:
		if err := p.Value.set(b.c, set.Value); err != nil {
			r.problems.add(r.file.Path, set.Line, "%s", p.complain(set, err))
		}
	}
}

// complain words the message about a bad value. What may be secret is not shown.
func (p *Property[C]) complain(e *Entry, err error) string {
	must := fmt.Sprintf("property '%s' must be %s", e.Key, p.Value.Allowed)
	if p.Secret || e.FromEnv {
		return must + "; the value that is set is not, and not shown as it may be secret"
	}
	must += ", but is '" + e.Value + "'"
	switch p.Value.Kind {
	case "boolean", "integer", "number", "word":
		return must // err says no more than that
	}
	if reason := rangeError(""); errors.As(err, &reason) {
		return must
	}
	return must + ": " + err.Error()
}

// PropertyError is what a Table's Check returns about one property.
type PropertyError struct{ Property, Msg string }

// Error returns the message.
func (e *PropertyError) Error() string { return fmt.Sprintf("property '%s': %s", e.Property, e.Msg) }

// lineOf returns the line of the property that err is about, 0 when it is not in the file.
func (b binding[C]) lineOf(r *reading, err error) int {
	var pe *PropertyError
	if !errors.As(err, &pe) {
		return 0
	}
	for _, p := range b.table.Properties {
		if p.Name != pe.Property {
			continue
		}
		for _, name := range append([]string{p.Name}, p.Aliases...) {
			if e, found := r.take(name); found {
				return e.Line
			}
		}
	}
	return 0
}
