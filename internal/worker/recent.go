package worker

// remembered is how many attempts a worker remembers beyond their end: many more than can end while a start, or its repetition,
// is on its way.
const remembered = 1 << 16

// recent remembers the attempts that a worker was asked to start or to end. A message may be late, or come twice: a start that
// comes after it was carried out, or after the attempt was cancelled, must have no effect.
type recent struct {
	ids  map[string]uint64 // the epochs that decided on them
	ring []string          // in order of arrival; the oldest is at next
	next int
}

func newRecent(size int) *recent {
	return &recent{ids: map[string]uint64{}, ring: make([]string, 0, size)}
}

// add remembers an attempt and reports whether it is new: not known at all, or only as that of an earlier coordinator.
func (r *recent) add(id string, decided uint64) bool {
	if known, ok := r.ids[id]; ok {
		r.ids[id] = max(known, decided)
		return decided > known
	}
	r.ids[id] = decided
	if len(r.ring) < cap(r.ring) {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % len(r.ring)
	return true
}
