package bench

import (
	"context"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/exchange/store/local"
)

// A producer makes one object, and a consumer one ranged read of it, however many partitions it reads.
func TestCountRequests(t *testing.T) {
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, consumers := range []int{50, 10} {
		r, err := CountRequests(context.Background(), st, "q/", 50, 50, consumers, 2000)
		if err != nil {
			t.Fatal(err)
		}
		if r.Objects != 50 || r.Reads != int64(50*consumers) || r.Written < 50*50*2000 || r.Read < 50*50*2000 || r.Read > r.Written {
			t.Errorf("%d consumers: %+v", consumers, r)
		}
	}
}

func TestMeasureExchange(t *testing.T) {
	st, err := local.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	timings, err := MeasureExchange(context.Background(), ExchangeOptions{Store: st, Driver: st, PartBytes: 1 << 20, Prefix: "b/", ScratchDir: t.TempDir(), Rows: 100_000, Partitions: 5, Threads: 1, Memory: 256 << 20})
	if err != nil || len(timings) != 6 {
		t.Fatalf("%v, %v", timings, err)
	}
	for _, x := range timings {
		if x.Stored <= 0 || x.Write.Wall <= 0 || x.Pack.Wall <= 0 || x.Unpack.Wall <= 0 || x.Read.Wall <= 0 || x.Put.Wall <= 0 || x.Get.Wall <= 0 || x.CopyOut.Wall <= 0 || x.CopyBack.Wall <= 0 || x.Share() < 0 || x.Share() > 1 {
			t.Errorf("%+v", x)
		}
	}
	if timings[0].Stored <= timings[4].Stored {
		t.Errorf("ZSTD takes %d bytes, no compression %d", timings[4].Stored, timings[0].Stored)
	}
}
