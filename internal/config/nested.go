package config

// Nested makes the properties of a part of a struct properties of the struct: what several tables have in common.
func Nested[C, P any](part func(*C) *P, properties []Property[P]) []Property[C] {
	out := make([]Property[C], len(properties))
	for i, p := range properties {
		v := p.Value
		out[i] = Property[C]{Name: p.Name, Aliases: p.Aliases, Default: p.Default, DefaultFrom: p.DefaultFrom, DefaultDoc: p.DefaultDoc,
			Required: p.Required, Secret: p.Secret, Doc: p.Doc, UsedBy: p.UsedBy, Session: p.Session,
			Value: Value[C]{Kind: v.Kind, Allowed: v.Allowed, bounds: v.bounds, sqlType: v.sqlType,
				set:  func(c *C, text string) error { return v.set(part(c), text) },
				text: func(c *C) string { return v.text(part(c)) },
			}}
	}
	return out
}
