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
	return DecodeEventOf(e.Kind, e.Event)
}

// DecodeEventOf decodes an event whose kind is known from its body.
func DecodeEventOf(kind string, body []byte) (Event, error) {
	for _, k := range eventKinds {
		if k.name != kind {
			continue
		}
		v := reflect.New(reflect.TypeOf(k.zero))
		if err := json.Unmarshal(body, v.Interface()); err != nil {
			return nil, fmt.Errorf("decode %s event: %w", kind, err)
		}
		return v.Elem().Interface().(Event), nil
	}
	return nil, fmt.Errorf("decode event: unknown kind %q", kind)
}
