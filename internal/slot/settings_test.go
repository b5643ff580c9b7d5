package slot

import "testing"

// exchange.compression-codec: outputs are written with it, and can be read whatever it is.
func TestCompression(t *testing.T) {
	f := begin(t, nil)
	size := map[string]int64{}
	for _, codec := range []string{"NONE", "LZ4", "ZSTD", ""} {
		task := f.writing("q.0.0.0", "SELECT range AS k, 'the same text again, and ' || (range % 10) AS v FROM range(200000)", 1)
		task.Id += codec
		task.GetExchange().Prefix += "codec" + codec + "/"
		task.GetExchange().Compression = codec
		made, failed := f.run(task)
		if failed != nil {
			t.Fatal(codec, failed)
		}
		size[codec] = made.Bytes()
		read, failed := f.run(f.writing("q.1.0.0", "SELECT sum(key) AS k FROM in0 HAVING sum(key) = 199999::BIGINT * 100000", 1, reading(t, []int32{0}, made)))
		if failed != nil || read.Rows() != 1 {
			t.Errorf("%s is read as %v, %v", codec, read, failed)
		}
	}
	if size["NONE"] <= size["LZ4"] || size["LZ4"] <= size["ZSTD"] || size[""] != size["LZ4"] {
		t.Errorf("sizes %v", size)
	}
	task := f.writing("q.2.0.0", "SELECT 1 AS k", 1)
	task.GetExchange().Compression = "GZIP"
	if _, failed := f.run(task); failed == nil || failed.Code != "GENERIC_INTERNAL_ERROR" {
		t.Errorf("an unknown codec gives %v", failed)
	}
}

// task.concurrency: a task gets the threads that it asks for, up to those of a slot.
func TestThreads(t *testing.T) {
	for _, test := range []struct {
		slot int
		task int32
		want string
	}{{4, 8, "4"}, {4, 2, "2"}, {4, 0, "4"}, {2, 1, "1"}} {
		f := begin(t, func(c *Config) { c.Threads = test.slot })
		task := f.writing("q.0.0.0", "SELECT current_setting('threads')::BIGINT AS k WHERE current_setting('threads') = "+test.want, 1)
		task.Threads = test.task
		made, failed := f.run(task)
		if failed != nil || made.Rows() != 1 {
			t.Errorf("%d of a slot's %d: %v, %v", test.task, test.slot, made, failed)
		}
	}
}
