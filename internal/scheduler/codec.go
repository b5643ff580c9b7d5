package scheduler

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// eventKinds gives each event the name it has in the journal. Names must never change or be used again.
var eventKinds = []struct {
	name string
	zero Event
}{
	{"node-joined", NodeJoined{}},
	{"node-draining", NodeDraining{}},
	{"node-lost", NodeLost{}},
	{"node-left", NodeLeft{}},
	{"node-memory", NodeMemory{}},
	{"query", QuerySubmitted{}},
	{"splits-found", SplitsFound{}},
	{"splits-failed", SplitsFailed{}},
	{"started", TaskStarted{}},
	{"finished", TaskFinished{}},
	{"failed", TaskFailed{}},
	{"output-lost", OutputLost{}},
	{"result-taken", ResultTaken{}},
	{"replanned", Replanned{}},
	{"cancel", CancelQuery{}},
	{"fail", FailQuery{}},
	{"forget", ForgetQuery{}},
	{"tick", Tick{}},
}

// envelope is the encoded form of an event.
type envelope struct {
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
}

// KindOf returns the name that an event has in the journal.
func KindOf(ev Event) (string, error) {
	t := reflect.TypeOf(ev)
	for _, k := range eventKinds {
		if reflect.TypeOf(k.zero) == t {
			return k.name, nil
		}
	}
	return "", fmt.Errorf("encode event: unknown type %T", ev)
}

// EncodeEvent returns the event as JSON: {"kind": name, "event": {…}}.
func EncodeEvent(ev Event) ([]byte, error) {
	kind, err := KindOf(ev)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(struct {
		Kind  string `json:"kind"`
		Event Event  `json:"event"`
	}{kind, ev})
	if err != nil {
		return nil, fmt.Errorf("encode %s event: %w", kind, err)
	}
	return data, nil
}

// DecodeEvent is the inverse of EncodeEvent.
func DecodeEvent(data []byte) (Event, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("decode event: %w", err)
	}
	into, err := NewEvent(e.Kind)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(e.Event, into); err != nil {
		return nil, fmt.Errorf("decode %s event: %w", e.Kind, err)
	}
	return EventIn(into), nil
}

// NewEvent returns a pointer to an empty event of a kind, for a decoder of a record that the event is a part of. EventIn
// returns what was decoded.
func NewEvent(kind string) (into any, err error) {
	for _, k := range eventKinds {
		if k.name == kind {
			return reflect.New(reflect.TypeOf(k.zero)).Interface(), nil
		}
	}
	return nil, fmt.Errorf("decode event: unknown kind %q", kind)
}

// EventIn returns the event that a pointer of NewEvent leads to.
func EventIn(into any) Event { return reflect.ValueOf(into).Elem().Interface().(Event) }
