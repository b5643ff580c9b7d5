package jsonpath

import (
	"errors"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/types"
)

// ErrUnsupported is the class of the errors of Check that speak of parts of the language that do not exist yet, in Trino as
// here; all others say that the path is invalid.
var ErrUnsupported = errors.New("unsupported")

// unsupportedError is an error of the class ErrUnsupported.
type unsupportedError string

func (e unsupportedError) Error() string        { return string(e) }
func (e unsupportedError) Is(target error) bool { return target == ErrUnsupported }

// Checker finds the mistakes in paths that can be seen without a document.
type Checker struct {
	// Parameters are the names of the variables that are passed.
	Parameters []string
	// Resolve finds the result type of a function or operator, by the names that package functions has for them.
	Resolve func(name string, args []types.Type) (types.Type, error)
}

// Check returns the type of all items that the path can give, if that is known: known is false when it depends on the
// document. The error's message is Trino's.
func (c *Checker) Check(p *Path) (t types.Type, known bool, err error) { return c.expr(p.Root) }

var untyped = types.Type{}

func (c *Checker) expr(e Expr) (t types.Type, known bool, err error) {
	switch e := e.(type) {
	case *Literal:
		return e.Value.Type, true, nil
	case *Last:
		return types.Of(types.Integer), true, nil
	case *Variable:
		return untyped, false, c.variable(e)
	case *Binary:
		return c.binary(e)
	case *Sign:
		return c.sign(e)
	case *Member:
		return c.opaque(e.Base)
	case *Descendants:
		return c.opaque(e.Base)
	case *Elements:
		for _, s := range e.Subscripts {
			if _, _, err := c.expr(s.From); err != nil {
				return untyped, false, err
			}
			if s.To != nil {
				if _, _, err := c.expr(s.To); err != nil {
					return untyped, false, err
				}
			}
		}
		return c.opaque(e.Base)
	case *Filter:
		if t, known, err = c.expr(e.Base); err == nil {
			err = c.predicate(e.Condition)
		}
		return t, known, err
	case *Method:
		return c.method(e)
	}
	return untyped, false, nil
}

// opaque checks an operand whose type does not matter for the result.
func (c *Checker) opaque(base Expr) (types.Type, bool, error) {
	_, _, err := c.expr(base)
	return untyped, false, err
}

func (c *Checker) variable(e *Variable) error {
	similar := false
	for _, p := range c.Parameters {
		if p == e.Name {
			return nil
		}
		similar = similar || strings.EqualFold(p, e.Name)
	}
	message := "no value passed for parameter " + e.Name
	if similar {
		message += `. Try quoting "` + e.Name + `" in the PASSING clause to match case`
	}
	return errors.New(message)
}

// operators are the names that package functions has for the operators.
var operators = map[byte]string{'+': "$add", '-': "$subtract", '*': "$multiply", '/': "$divide", '%': "$modulus"}

func (c *Checker) binary(e *Binary) (types.Type, bool, error) {
	left, ok1, err := c.expr(e.Left)
	if err != nil {
		return untyped, false, err
	}
	right, ok2, err := c.expr(e.Right)
	if err != nil || !ok1 || !ok2 {
		return untyped, false, err
	}
	t, err := c.Resolve(operators[e.Op], []types.Type{left, right})
	if err != nil {
		return untyped, false, errors.New("invalid operand types (" + left.String() + " and " + right.String() +
			") in JSON path arithmetic binary expression: " + err.Error())
	}
	return t, true, nil
}

func (c *Checker) sign(e *Sign) (types.Type, bool, error) {
	t, known, err := c.expr(e.Base)
	if err != nil || !known {
		return untyped, false, err
	}
	if !e.Negative {
		if !t.Numeric() {
			return untyped, false, errors.New("Invalid operand type (" + t.String() + ") in JSON path arithmetic unary expression")
		}
		return t, true, nil
	}
	out, err := c.Resolve("$negate", []types.Type{t})
	if err != nil {
		return untyped, false, errors.New("invalid operand type (" + t.String() + ") in JSON path arithmetic unary expression: " + err.Error())
	}
	return out, true, nil
}

func (c *Checker) method(e *Method) (types.Type, bool, error) {
	base, known, err := c.expr(e.Base)
	if err != nil {
		return untyped, false, err
	}
	text := base.Kind == types.Varchar || base.Kind == types.Char
	with := func(what string) error {
		return errors.New("cannot perform JSON path " + e.Name + "() method with " + base.String() + " argument" + what)
	}
	switch e.Name {
	case "size":
		return types.Of(types.Integer), true, nil
	case "type":
		return types.VarcharN(typeMethodLength), true, nil
	case "keyvalue":
		return untyped, false, nil
	case "double":
		if known && !text && !base.Numeric() {
			return untyped, false, with("")
		}
		return types.Of(types.Double), true, nil
	case "datetime":
		if known && !text {
			return untyped, false, errors.New("JSON path datetime() method requires character string argument (found " + base.String() + ")")
		}
		return untyped, false, unsupportedError("datetime method in JSON path is not yet supported")
	}
	if !known {
		return untyped, false, nil
	}
	t, err := c.Resolve(e.Name, []types.Type{base})
	if err != nil {
		return untyped, false, with(": " + err.Error())
	}
	return t, true, nil
}

func (c *Checker) predicate(p Predicate) error {
	switch p := p.(type) {
	case *And:
		return c.both(p.Left, p.Right)
	case *Or:
		return c.both(p.Left, p.Right)
	case *Not:
		return c.predicate(p.Arg)
	case *IsUnknown:
		return c.predicate(p.Arg)
	case *Exists:
		return c.operand(p.Arg)
	case *Comparison:
		if err := c.operand(p.Left); err != nil {
			return err
		}
		return c.operand(p.Right)
	case *StartsWith:
		if err := c.operand(p.Arg); err != nil {
			return err
		}
		return c.operand(p.Prefix)
	}
	return unsupportedError("like_regex predicate in JSON path is not yet supported")
}

func (c *Checker) both(left, right Predicate) error {
	if err := c.predicate(left); err != nil {
		return err
	}
	return c.predicate(right)
}

func (c *Checker) operand(e Expr) error {
	_, _, err := c.expr(e)
	return err
}
