package scheduler

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
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

// EncodeEvent returns the event as JSON: {"kind": name, "event": {…}}.
func EncodeEvent(ev Event) ([]byte, error) {
	for _, k := range eventKinds {
		if reflect.TypeOf(k.zero) != reflect.TypeOf(ev) {
			continue
		}
		body, err := json.Marshal(ev)
		if err != nil {
			return nil, fmt.Errorf("encode %s event: %w", k.name, err)
		}
		return json.Marshal(envelope{Kind: k.name, Event: body})
	}
	return nil, fmt.Errorf("encode event: unknown type %T", ev)
}

// DecodeEvent is the inverse of EncodeEvent.
func DecodeEvent(data []byte) (Event, error) {
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("decode event: %w", err)
	}
	i := slices.IndexFunc(eventKinds, func(k struct {
		name string
		zero Event
	}) bool {
		return k.name == e.Kind
	})
	if i < 0 {
		return nil, fmt.Errorf("decode event: unknown kind %q", e.Kind)
	}
	v := reflect.New(reflect.TypeOf(eventKinds[i].zero))
	if err := json.Unmarshal(e.Event, v.Interface()); err != nil {
		return nil, fmt.Errorf("decode %s event: %w", e.Kind, err)
	}
	return v.Elem().Interface().(Event), nil
}
