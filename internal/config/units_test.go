package config

import (
	"testing"
	"time"
)

// The messages are Trino's.
func TestParseSize(t *testing.T) {
	tests := []struct {
		text string
		want int64
		err  string
	}{
		{"64MB", 64 << 20, ""}, {" 1.5 GB ", 3 << 29, ""}, {"5kB", 5 << 10, ""}, {"0B", 0, ""}, {"5PB", 5 << 50, ""},
		{"", 0, "size is empty"}, {"5", 0, "size is not a valid data size string: 5"}, {"x", 0, "size is not a valid data size string: x"},
		{"5mb", 0, "Unknown unit: mb"}, {"-5MB", 0, "size is not a valid data size string: -5MB"},
		{"99999999PB", 0, "size is too large to be represented in bytes: 99999999PB"},
	}
	for _, tt := range tests {
		got, err := ParseSize(tt.text)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("ParseSize(%q) = %d, %v", tt.text, got, err)
		}
	}
	for bytes, want := range map[int64]string{0: "0B", 1: "1B", 64 << 20: "64MB", 1536: "1536B", 5 << 30: "5GB"} {
		if got := FormatSize(bytes); got != want {
			t.Errorf("FormatSize(%d) = %s, want %s", bytes, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	tests := []struct {
		text string
		want time.Duration
		err  string
	}{
		{"10s", 10 * time.Second, ""}, {"1.5h", 90 * time.Minute, ""}, {"1 d", 24 * time.Hour, ""}, {"3us", 3 * time.Microsecond, ""},
		{"", 0, "duration is empty"}, {"5", 0, "duration is not a valid data duration string: 5"},
		{"5w", 0, "Unknown time unit: w"}, {"1000000d", 0, "duration is too large to be represented in nanoseconds: 1000000d"},
	}
	for _, tt := range tests {
		got, err := ParseDuration(tt.text)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("ParseDuration(%q) = %s, %v", tt.text, got, err)
		}
	}
	for d, want := range map[time.Duration]string{10 * time.Second: "10.00s", time.Minute: "1.00m", 2400 * time.Hour: "100.00d",
		100 * time.Millisecond: "100.00ms", 0: "0.00ns"} {
		if got := FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d) = %s, want %s", d, got, want)
		}
	}
}

func FuzzUnits(f *testing.F) {
	f.Add("64MB")
	f.Add("1.5h")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ParseSize(text); err == nil {
			if back, err := ParseSize(FormatSize(v)); v < 0 || err != nil || back != v {
				t.Fatalf("%q is %d, shown as %s", text, v, FormatSize(v))
			}
		}
		if v, err := ParseDuration(text); err == nil && v < 0 {
			t.Fatalf("%q is %s", text, v)
		}
	})
}
