package clockformat

import (
	"testing"
	"time"

	"github.com/waterbear-sql/waterbear/internal/types"
)

var sample = Value{Local: time.Date(2001, 1, 9, 13, 4, 5, 321_000_000, time.UTC), Zone: "Europe/Berlin", Offset: 3600}

func TestJodaFormat(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{"yyyy-MM-dd HH:mm:ss.SSS", "2001-01-09 13:04:05.321"},
		{"yy Y C x w e D", "01 2001 20 2001 2 2 9"},
		{"E EEEE MMM MMMM", "Tue Tuesday Jan January"},
		{"h hh K k a", "1 01 1 13 PM"},
		{"SSSSS S", "32100 3"},
		{"Z ZZ ZZZ z", "+0100 +01:00 Europe/Berlin CET"},
		{"''yyyy'Year''s'", "'2001Year's"},
		{"G", "AD"},
	} {
		p, err := Joda(c.pattern)
		if err != nil {
			t.Errorf("Joda(%q): %v", c.pattern, err)
			continue
		}
		if got := p.Format(sample); got != c.want {
			t.Errorf("%q: got %q, want %q", c.pattern, got, c.want)
		}
	}
	if _, err := Joda("Q"); err == nil || err.Error() != "Illegal pattern component: Q" {
		t.Errorf("Joda(Q): got %v", err)
	}
}

func TestMySQLFormat(t *testing.T) {
	p, err := MySQL("%a %b %c %d %e %f %H %h %i %j %k %l %M %m %p %r %s %T %v %W %x %Y %y %% %q%")
	if err != nil {
		t.Fatal(err)
	}
	want := "Tue Jan 1 09 9 321000 13 01 04 009 13 1 January 01 PM 01:04:05 PM 05 13:04:05 02 Tuesday 2001 2001 01 % q"
	if got := p.Format(sample); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if _, err := MySQL("%w"); err == nil {
		t.Error("%w: no error")
	}
}

// TestParse has the answers of Joda-Time.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		compile             func(string) (*Pattern, error)
		pattern, text, want string
	}{
		{Joda, "yyyy-MM-dd HH:mm:ss.SSS", "2020-08-18 03:04:05.678", "2020-08-18T03:04:05.678"},
		{Joda, "dd MMM yy h a", "22 Jan 60 3 PM", "1960-01-22T15:00:00"},
		{Joda, "yyyyMMdd", "20010203", "2001-02-03T00:00:00"},
		{Joda, "HH", "13", "1970-01-01T13:00:00"},
		{Joda, "yyyy", "2020x", `Invalid format: "2020x" is malformed at "x"`},
		{Joda, "yyyy-MM", "2020", `Invalid format: "2020" is too short`},
		{MySQL, "%x %v", "1998 53", "1998-12-28T00:00:00"},
		{MySQL, "%a %b", "Tue Jan", "2000-01-25T00:00:00"},
		{MySQL, "%j", "123", "2000-05-02T00:00:00"},
		{MySQL, "%y", "99", "1999-01-01T00:00:00"},
		{MySQL, "%y", "69", "2069-01-01T00:00:00"},
		{MySQL, "%Y-%m-%d", "2001-02-30", `Cannot parse "2001-02-30": Value 30 for dayOfMonth must be in the range [1,28]`},
		{MySQL, "%s.%f", "0.123456", "1970-01-01T00:00:00.123"},
	} {
		p, err := c.compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if got := parse(p, c.text); got != c.want {
			t.Errorf("%q as %q: got %s, want %s", c.text, c.pattern, got, c.want)
		}
	}
}

func parse(p *Pattern, text string) string {
	r, err := p.Parse(text)
	if err != nil {
		return err.Error()
	}
	got := r.Local.Format("2006-01-02T15:04:05.999")
	if r.Offset != nil {
		got += OffsetText(int64(*r.Offset), true)
	}
	return got + string(r.Zone)
}

func TestISO(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"2001-08-22T03:04:05.321", "2001-08-22T03:04:05.321"},
		{"2001-08-22T03:04:05.3219876+01:00", "2001-08-22T03:04:05.321+01:00"},
		{"2001-08-22", "2001-08-22T00:00:00"},
		{"2001-08", "2001-08-01T00:00:00"},
		{"2001", "2001-01-01T00:00:00"},
		{"2001-W34-3", "2001-08-22T00:00:00"},
		{"2001-W34", "2001-08-20T00:00:00"},
		{"2001-234", "2001-08-22T00:00:00"},
		{"T10:00Z", "1970-01-01T10:00:00+00:00"},
		{"2001-08-22T03:04,5Z", "2001-08-22T03:04:30+00:00"},
		{"2001-08-22 03:04", `Invalid format: "2001-08-22 03:04" is malformed at " 03:04"`},
		{"20010822T030405Z", `Invalid format: "20010822T030405Z" is malformed at "0405Z"`},
	} {
		if got := parse(ISODateTime, c.text); got != c.want {
			t.Errorf("%q: got %s, want %s", c.text, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range [][2]string{{"yyyy-MM-dd HH:mm:ss.SSS Z", "2020-08-18 03:04:05.678 +0100"}, {"''E MMM yy ZZZ", "'Tue Jan 60 Asia/Tokyo"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		ISODateTime.Parse(text)
		ISODate.Parse(text)
		for _, compile := range []func(string) (*Pattern, error){Joda, MySQL} {
			p, err := compile(pattern)
			if err != nil {
				continue
			}
			if r, err := p.Parse(text); err == nil {
				p.Format(Value{Local: r.Local, Zone: types.UTC})
			}
		}
	})
}
