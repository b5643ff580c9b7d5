package trinoerr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// The upper half of a number tells the type for the engine's own codes; a connector's number may have any type.
func TestNumbersFitTypes(t *testing.T) {
	byNumber := map[int32]string{}
	for _, name := range Names() {
		c := ByName(name)
		if half := c.Number >> 16; half <= 3 && int(half) != int(c.Type) && c != UnsupportedTableType {
			t.Errorf("%s: number %d is outside of the range of %v", name, c.Number, c.Type)
		}
		if other, ok := byNumber[c.Number]; ok && !sharesNumbers(name, other) {
			t.Errorf("%s and %s have the same number %d", name, other, c.Number)
		}
		byNumber[c.Number] = name
	}
}

// sharesNumbers lists the codes that have one number in Trino too: OpenSearch began as a copy of Elasticsearch, and
// BigQuery's range begins where Prometheus has its last code.
func sharesNumbers(a, b string) bool {
	family := func(s string) string {
		for _, p := range []string{"OPENSEARCH", "ELASTICSEARCH"} {
			if strings.HasPrefix(s, p) {
				return "search"
			}
		}
		if s == "PROMETHEUS_PARSE_ERROR" {
			return "BIGQUERY_FAILED_TO_EXECUTE_QUERY"
		}
		return s
	}
	return family(a) == family(b)
}

func TestByName(t *testing.T) {
	for name, number := range map[string]int32{
		"SYNTAX_ERROR": 1, "DIVISION_BY_ZERO": 8, "INVALID_FUNCTION_PROPERTY": 133, "OUT_OF_SPILL_SPACE": 65557,
		"EXCEEDED_LOCAL_MEMORY_LIMIT": 131079, "UNSUPPORTED_TABLE_TYPE": 133001, "HIVE_BAD_DATA": 16777223,
		"HIVE_CANNOT_OPEN_SPLIT": 16777219, "JDBC_ERROR": 67108864,
	} {
		c := ByName(name)
		if c == nil || c.Number != number {
			t.Errorf("ByName(%s) = %+v, want number %d", name, c, number)
		}
	}
	if c := ByName("NO_SUCH_CODE"); c != nil {
		t.Errorf("ByName of an unknown name = %+v", c)
	}
}

func TestRetryable(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{New(DivisionByZero, "Division by zero"), false},
		{New(RemoteTaskError, "gone"), true},
		{New(HiveCannotOpenSplit, "gone"), true},
		{New(IcebergCommitError, "state unknown"), false},
		{errors.New("foreign"), true},
		{fmt.Errorf("read: %w", New(HiveBadData, "bad")), true},
		{fmt.Errorf("bind: %w", New(TypeMismatch, "bad")), false},
	} {
		if got := Retryable(test.err); got != test.want {
			t.Errorf("Retryable(%v) = %v, want %v", test.err, got, test.want)
		}
	}
}
