package format

import "encoding/json"

// Signature is the protocol's typeSignature.
type Signature struct {
	RawType   string     `json:"rawType"`
	Arguments []argument `json:"arguments"`
}

type argument struct {
	Kind  string          `json:"kind"`
	Value json.RawMessage `json:"value"`
}

// Type returns what printing needs of a signature; arguments that are not understood are left out.
func (s Signature) Type() Type {
	t := Type{Raw: s.RawType}
	for _, a := range s.Arguments {
		var field struct {
			Name *struct {
				Name string `json:"name"`
			} `json:"fieldName"`
			Type Signature `json:"typeSignature"`
		}
		switch a.Kind {
		case "TYPE":
			if json.Unmarshal(a.Value, &field.Type) == nil {
				t.Args = append(t.Args, field.Type.Type())
			}
		case "NAMED_TYPE":
			if json.Unmarshal(a.Value, &field) == nil {
				name := ""
				if field.Name != nil {
					name = field.Name.Name
				}
				t.Args, t.Names = append(t.Args, field.Type.Type()), append(t.Names, name)
			}
		}
	}
	return t
}
