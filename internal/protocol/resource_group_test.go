package protocol_test

import (
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/protocol/protocoltest"
)

func TestResourceGroupState(t *testing.T) {
	f := start(t, protocol.Config{}, func(protocol.SubmitRequest) protocoltest.Answer {
		return protocoltest.Answer{Pages: []protocol.ResultPage{{Stats: protocoltest.Running(3)}}, Hang: true}
	})
	f.do("GET", f.post("hang"), "")
	status, _, text := f.do("GET", "/v1/resourceGroupState/global/a.b", "", "X-Trino-User", "x")
	want := `{"id":["global","a.b"],"state":"CAN_QUEUE","schedulingPolicy":"FAIR","schedulingWeight":1,"softMemoryLimit":"1000B","softConcurrencyLimit":1,` +
		`"hardConcurrencyLimit":2,"maxQueuedQueries":3,"memoryUsage":"5B","cpuUsage":"1.00s","numQueuedQueries":1,"numRunningQueries":1,"numEligibleSubGroups":0,` +
		`"subGroups":[{"id":["global","a.b","c"],"state":"FULL","schedulingPolicy":"WEIGHTED","schedulingWeight":2,"softMemoryLimit":"9223372036854775807B",` +
		`"softConcurrencyLimit":0,"hardConcurrencyLimit":0,"maxQueuedQueries":0,"memoryUsage":"0B","cpuUsage":"0.00ns","numQueuedQueries":0,` +
		`"numRunningQueries":0,"numEligibleSubGroups":0}],"runningQueries":[{"queryId":"20200102_030405_00000_abcde","queryState":"RUNNING",`
	if status != 200 || !strings.HasPrefix(text, want) || !strings.Contains(text, `"query":"hang","createTime":"2020-01-02T03:04:05.000Z","user":"x"`) {
		t.Errorf("%d\n got %s\nwant %s", status, text, want)
	}
	if _, _, text := f.do("GET", "/v1/resourceGroupState/global", "", "X-Trino-User", "x"); text != "Error 404 Not Found: HTTP 404 Not Found" {
		t.Errorf("a group that is not there: %s", text)
	}
	if status, _, _ := f.do("GET", "/v1/resourceGroupState/global/a.b", ""); status != 401 {
		t.Errorf("without a user: %d", status)
	}
}
