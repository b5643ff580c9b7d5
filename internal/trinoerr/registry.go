package trinoerr

// registry holds every declared code by name.
var registry = map[string]*Code{}

// code declares a code.
func code(name string, number int32, typ Type) *Code {
	c := &Code{Name: name, Number: number, Type: typ}
	if registry[name] != nil {
		panic("error code declared twice: " + name)
	}
	registry[name] = c
	return c
}

// fatal declares a code that is never retried although its type would allow it.
func fatal(name string, number int32, typ Type) *Code {
	c := code(name, number, typ)
	c.Fatal = true
	return c
}

// ByName returns the code with Trino's name, and nil when there is none: for errors that come from another process.
func ByName(name string) *Code { return registry[name] }

// Names returns the names of all codes, in no order.
func Names() []string {
	names := make([]string, 0, len(registry))
	for name := range registry {
		names = append(names, name)
	}
	return names
}
