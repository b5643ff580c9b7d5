package sim

import (
	"container/heap"
	"time"

	"github.com/waterbear-sql/waterbear/internal/scheduler"
)

// item is something that will happen.
type item struct {
	at  scheduler.Instant
	seq int
	do  func()
}

type queue []item

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(item)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// in makes something happen later.
func (w *world) in(d time.Duration, do func()) {
	w.seq++
	heap.Push(&w.queue, item{at: w.now.Add(d), seq: w.seq, do: do})
}
