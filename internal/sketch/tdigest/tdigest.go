// Package tdigest estimates quantiles of floating-point numbers: the t-digest as Trino has it, with the same estimates and the
// same serialised form.
//
// It knows nothing of SQL. Start with Digest. The method is that of Dunning and Ertl, "Computing Extremely Accurate Quantiles
// Using t-Digests" (2019), in its merging variant.
package tdigest

import (
	"errors"
	"math"
	"slices"
	"sort"
)

// DefaultCompression bounds the number of clusters of a digest.
const DefaultCompression = 100

// MinCompression is the least that Trino allows.
const MinCompression = 10

// Digest is a sorted list of clusters of values, small ones towards both ends. New values are clusters of their own until
// there is no room for more.
type Digest struct {
	compression float64
	min, max    float64
	weight      float64
	clusters    []cluster
	room        int // before the next merge or growth
	pending     bool
	backwards   bool
}

type cluster struct{ mean, weight float64 }

// New returns an empty digest.
func New(compression float64) *Digest {
	return &Digest{compression: compression, min: math.Inf(1), max: math.Inf(-1), room: 1}
}

// looseFactor is how much finer clusters are while values come in than in the serialised form.
const looseFactor = 2

func (d *Digest) maxRoom() int { return int(6 * (looseFactor*d.compression + 10)) }

// Count is the sum of the weights.
func (d *Digest) Count() float64 { return d.weight }

// Add adds a value, which must be finite, as must be the weight.
func (d *Digest) Add(value, weight float64) error {
	switch {
	case math.IsNaN(value):
		return errors.New("value is NaN")
	case math.IsNaN(weight):
		return errors.New("weight is NaN")
	case math.IsInf(value, 0):
		return errors.New("value must be finite")
	case math.IsInf(weight, 0):
		return errors.New("weight must be finite")
	}
	if len(d.clusters) == d.room {
		if d.room < d.maxRoom() {
			d.room = min(max(2*d.room, 1), d.maxRoom())
		} else {
			d.merge(looseFactor * d.compression)
		}
	}
	d.clusters = append(d.clusters, cluster{value, weight})
	d.weight += weight
	d.min, d.max = math.Min(d.min, value), math.Max(d.max, value)
	d.pending = true
	return nil
}

// Merge adds the values of another digest, which stays as it is.
func (d *Digest) Merge(o *Digest) {
	if len(d.clusters)+len(o.clusters) > d.room {
		d.mergePending()
		o = o.Clone()
		o.mergeAs(looseFactor * d.compression)
		d.room = max(d.room, len(d.clusters)+len(o.clusters))
	}
	d.clusters = append(d.clusters, o.clusters...)
	d.weight += o.weight
	d.min, d.max = math.Min(d.min, o.min), math.Max(d.max, o.max)
	d.pending = true
}

// Clone returns a copy.
func (d *Digest) Clone() *Digest {
	c := *d
	c.clusters = slices.Clone(d.clusters)
	return &c
}

func (d *Digest) mergePending() { d.mergeAs(looseFactor * d.compression) }

func (d *Digest) mergeAs(compression float64) {
	if d.pending {
		d.merge(compression)
		d.pending = false
	}
}

// merge joins neighbouring clusters as far as their place in the distribution allows. It goes from either end in turn, so
// that none is favoured.
func (d *Digest) merge(compression float64) {
	if len(d.clusters) == 0 {
		return
	}
	sort.SliceStable(d.clusters, func(i, j int) bool { return d.clusters[i].mean < d.clusters[j].mean })
	if d.backwards {
		slices.Reverse(d.clusters)
	}
	normalizer := compression / (4*math.Log(d.weight/compression) + 24)
	limit := func(q float64) float64 { return q * (1 - q) / normalizer }
	soFar, startLimit := 0.0, limit(0)
	last := 0
	for _, next := range d.clusters[1:] {
		cur := &d.clusters[last]
		joint := cur.weight + next.weight
		q := math.Min((soFar+joint)/d.weight, 1)
		if joint <= d.weight*math.Min(startLimit, limit(q)) {
			cur.mean += (next.mean - cur.mean) * next.weight / joint
			cur.weight = joint
			continue
		}
		soFar += cur.weight
		startLimit = limit(soFar / d.weight)
		last++
		d.clusters[last] = next
	}
	d.clusters = d.clusters[:last+1]
	if d.backwards {
		slices.Reverse(d.clusters)
	}
	d.backwards = !d.backwards
}

// checkQuantiles demands an increasing sequence between 0 and 1.
func checkQuantiles(qs []float64) error {
	for i, q := range qs {
		if i > 0 && q < qs[i-1] {
			return errors.New("quantiles must be sorted in increasing order")
		}
		if q < 0 || q > 1 {
			return errors.New("quantiles should be in [0, 1] range")
		}
	}
	return nil
}

// Quantiles returns the values below which the given parts of the values lie; NaN when there are none. qs must be increasing.
func (d *Digest) Quantiles(qs []float64) ([]float64, error) {
	if err := checkQuantiles(qs); err != nil {
		return nil, err
	}
	d.mergePending()
	out := make([]float64, len(qs))
	w := &walk{Digest: d}
	for i, q := range qs {
		switch len(d.clusters) {
		case 0:
			out[i] = math.NaN()
		case 1:
			out[i] = d.clusters[0].mean
		default:
			out[i] = w.value(q * d.weight)
		}
	}
	return out, nil
}

// walk finds values at increasing offsets into the sequence of all values.
type walk struct {
	*Digest
	started bool
	at      int     // the cluster before the offset
	center  float64 // the offset of its mean
}

func interpolate(x, x0, y0, x1, y1 float64) float64 { return (x - x0) / (x1 - x0) * (y1 - y0) }

func (w *walk) value(offset float64) float64 {
	first, last := w.clusters[0], w.clusters[len(w.clusters)-1]
	if !w.started {
		switch {
		case offset < 1:
			return w.min
		case offset < first.weight/2:
			return w.min + interpolate(offset, 1, w.min, first.weight/2, first.mean)
		case offset <= w.weight-1 && w.weight-offset <= last.weight/2 && last.weight/2 > 1:
			return w.fromTop(offset, last)
		case offset >= w.weight-1:
			return w.max
		}
		w.started, w.center = true, first.weight/2
	}
	n := len(w.clusters) - 1
	for w.at < n {
		delta := (w.clusters[w.at].weight + w.clusters[w.at+1].weight) / 2
		if w.center+delta > offset {
			return w.between(offset, delta)
		}
		w.center += delta
		w.at++
	}
	if offset <= w.weight-1 && last.weight/2 > 1 {
		return w.fromTop(offset, last)
	}
	return w.max
}

func (w *walk) fromTop(offset float64, last cluster) float64 {
	return w.max + interpolate(w.weight-offset, 1, w.max, last.weight/2, last.mean)
}

// between interpolates between two neighbours; a cluster of a single value is that value as far as it reaches.
func (w *walk) between(offset, delta float64) float64 {
	left, right := w.clusters[w.at], w.clusters[w.at+1]
	in := offset - w.center
	switch {
	case left.weight == 1 && in < left.weight/2:
		return left.mean
	case right.weight == 1 && in >= left.weight/2:
		return right.mean
	case left.weight == 1:
		in -= left.weight / 2
		delta = right.weight / 2
	case right.weight == 1:
		delta = left.weight / 2
	}
	return left.mean + interpolate(in, 0, left.mean, delta, right.mean)
}
