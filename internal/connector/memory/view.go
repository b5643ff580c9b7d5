package memory

import (
	"context"

	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// View returns a view.
func (c *Connector) View(_ context.Context, name connector.SchemaTable) (*connector.View, error) {
	c.Lock()
	defer c.Unlock()
	return c.Views[name], nil
}

// PutView stores a view. Views that were handed out do not change with it.
func (c *Connector) PutView(_ context.Context, v *connector.View, replace bool) error {
	c.Lock()
	defer c.Unlock()
	if !replace || c.Views[v.Name] == nil {
		if err := c.CheckFree(v.Name); err != nil {
			return err
		}
	}
	c.Views[v.Name] = v
	return nil
}

// DropView drops a view.
func (c *Connector) DropView(_ context.Context, name connector.SchemaTable) error {
	c.Lock()
	defer c.Unlock()
	if c.Views[name] == nil {
		return c.noView(name)
	}
	delete(c.Views, name)
	return nil
}

// RenameView renames a view, perhaps into another schema.
func (c *Connector) RenameView(_ context.Context, name, to connector.SchemaTable) error {
	c.Lock()
	defer c.Unlock()
	v := c.Views[name]
	if v == nil {
		return c.noView(name)
	}
	if err := c.CheckFree(to); err != nil {
		return err
	}
	c.move(v, to)
	return nil
}

// move gives a view another name. The caller holds the lock.
func (c *Connector) move(v *connector.View, to connector.SchemaTable) {
	moved := *v
	moved.Name = to
	delete(c.Views, v.Name)
	c.Views[to] = &moved
}

// renameViews moves the views of a schema into another. The caller holds the lock.
func (c *Connector) renameViews(schema, to string) {
	for name, v := range c.Views {
		if name.Schema == schema {
			c.move(v, connector.SchemaTable{Schema: to, Table: name.Table})
		}
	}
}

func (c *Connector) noView(name connector.SchemaTable) error {
	return trinoerr.New(trinoerr.TableNotFound, "View '%s.%s' does not exist", c.catalog, name)
}
