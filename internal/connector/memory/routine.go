package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// byRoutine orders functions by what identifies them.
func byRoutine(a, b connector.Routine) int {
	return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Signature, b.Signature))
}

// Routines lists the functions of a schema. As in Trino, there may be functions in schemas that do not exist.
func (c *Connector) Routines(_ context.Context, schema, name string) ([]connector.Routine, error) {
	c.Lock()
	defer c.Unlock()
	var out []connector.Routine
	for _, r := range c.routines {
		if r.Schema == schema && (name == "" || r.Name == name) {
			out = append(out, r)
		}
	}
	return out, nil
}

// PutRoutine stores a function.
func (c *Connector) PutRoutine(_ context.Context, r connector.Routine, replace bool) error {
	c.Lock()
	defer c.Unlock()
	i, found := slices.BinarySearchFunc(c.routines, r, byRoutine)
	switch {
	case !found:
		c.routines = slices.Insert(c.routines, i, r)
	case replace:
		c.routines[i] = r
	default:
		return trinoerr.New(trinoerr.AlreadyExists, "Function already exists")
	}
	return nil
}

// DropRoutine drops a function.
func (c *Connector) DropRoutine(_ context.Context, schema, name, signature string) error {
	c.Lock()
	defer c.Unlock()
	i, found := slices.BinarySearchFunc(c.routines, connector.Routine{Schema: schema, Name: name, Signature: signature}, byRoutine)
	if !found {
		return trinoerr.New(trinoerr.NotFound, "Function not found")
	}
	c.routines = slices.Delete(c.routines, i, i+1)
	return nil
}
