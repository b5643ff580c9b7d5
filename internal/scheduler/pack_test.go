package scheduler

import (
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

// scramble fills v with values that a field which is not packed cannot have by chance.
func scramble(rng *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			scramble(rng, reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+rng.Intn(3), 4))
		for i := range v.Len() {
			scramble(rng, v.Index(i))
		}
	case reflect.String:
		v.SetString(strings.Repeat("x", 1+rng.Intn(30)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(1 + rng.Intn(200)))
	case reflect.Float64:
		v.SetFloat(rng.Float64() + 1)
	default:
		v.SetInt(1 + rng.Int63n(1<<uint(1+rng.Intn(60))))
		if rng.Intn(4) == 0 && v.Kind() == reflect.Int64 {
			v.SetInt(-v.Int())
		}
	}
}

// TestPack packs partitions whose every field is set, and empty ones, and gets all of it back.
func TestPack(t *testing.T) {
	q := &query{id: "q"}
	st := &stage{Stage: Stage{ID: 3}, q: q}
	for seed := range int64(200) {
		rng := rand.New(rand.NewSource(seed))
		p := &partition{stage: st, n: 7, state: partFinished, stored: seed%3 > 0, detail: &detail{attempts: []attempt{}}}
		if seed > 0 {
			scramble(rng, reflect.ValueOf(p.detail).Elem())
		}
		p.out.Partition = p.n
		if seed%2 == 0 {
			p.out.Output = TaskID{"q", 3, 7, p.out.Attempt}.String()
		}
		if !p.stored {
			p.out = Bundle{}
		}
		want := *p.detail
		p.pack()
		if got := *p.peek(); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: %+v instead of %+v", seed, got, want)
		}
		if got, ok := p.output(); ok != p.stored || got != want.out {
			t.Fatalf("seed %d: output %+v instead of %+v", seed, got, want.out)
		}
		p.dropOutput()
		if p.unpack(); p.out != (Bundle{}) || !reflect.DeepEqual(p.work, want.work) {
			t.Fatalf("seed %d: %+v after the output was dropped", seed, p.detail)
		}
	}
}

// TestPackedPartition bounds what a finished task costs at rest.
func TestPackedPartition(t *testing.T) {
	if size := unsafe.Sizeof(partition{}); size > 48 {
		t.Errorf("a packed partition has %d bytes beside its text", size)
	}
}

// FuzzUnpackParts restores a stage from arbitrary bytes: they are refused, or can be looked at and give the same stage
// again.
func FuzzUnpackParts(f *testing.F) {
	newStage := func() *stage {
		q := &query{id: "q", direct: true}
		for _, name := range []string{"w1", "w2", "GENERIC_INTERNAL_ERROR"} {
			q.names.number(name)
		}
		return &stage{Stage: Stage{ID: 3}, q: q}
	}
	seed := newStage()
	for n := range 4 {
		p := &partition{stage: seed, n: n, state: partState(n), stored: n == 3, detail: &detail{attempts: []attempt{{node: "w1", state: AttemptRunning}}}}
		p.work.splits = []Split{{ID: "s", Hosts: []string{"w2"}}}
		seed.parts = append(seed.parts, p)
	}
	f.Add(seed.packParts())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		st := newStage()
		if st.unpackParts(data) != nil {
			return
		}
		again := newStage()
		if err := again.unpackParts(st.packParts()); err != nil {
			t.Fatal(err)
		}
		for i, p := range st.parts {
			if !reflect.DeepEqual(p.peek(), again.parts[i].peek()) {
				t.Fatalf("partition %d: %+v instead of %+v", i, again.parts[i].peek(), p.peek())
			}
		}
	})
}
