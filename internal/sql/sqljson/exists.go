package sqljson

// Exists describes JSON_EXISTS.
type Exists struct {
	Invocation
	// OnError is True, False, Null (for UNKNOWN) or Error.
	OnError Behavior `json:"onError"`
}

// PrepareExists makes a function of the text of an Exists: from a document and parameters to true, false or nil.
func PrepareExists(description string) (func(document string, parameters []any) (any, error), error) {
	var e Exists
	if err := decode(description, &e); err != nil {
		return nil, err
	}
	p, err := e.prepare()
	if err != nil {
		return nil, err
	}
	return func(document string, parameters []any) (any, error) {
		items, err := p.evaluate(document, parameters)
		switch {
		case err == nil:
			return len(items) > 0, nil
		case e.OnError == Error:
			return nil, err
		case e.OnError == Null:
			return nil, nil
		}
		return e.OnError == True, nil
	}, nil
}
