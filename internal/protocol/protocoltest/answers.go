package protocoltest

import (
	"strings"

	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Finished are the statistics of a query that ended well after reading some rows.
func Finished(rows int64) protocol.Stats {
	done := 100.0
	return protocol.Stats{
		State: "FINISHED", Scheduled: true, ProgressPercentage: &done, Nodes: 1, TotalSplits: 1, CompletedSplits: 1,
		ElapsedTimeMillis: 7, WallTimeMillis: 5, CPUTimeMillis: 4, ProcessedRows: rows, ProcessedBytes: 10 * rows,
		RootStage: &protocol.StageStats{
			StageID: "0", State: "FINISHED", Done: true, Nodes: 1, TotalSplits: 1, CompletedSplits: 1,
			ProcessedRows: rows, SubStages: []protocol.StageStats{},
		},
	}
}

// Running are the statistics of a query half way.
func Running(rows int64) protocol.Stats {
	s, half := Finished(rows), 50.0
	s.State, s.ProgressPercentage, s.TotalSplits, s.RunningSplits = "RUNNING", &half, 2, 1
	s.RootStage.State, s.RootStage.Done = "RUNNING", false
	s.RootStage.TotalSplits, s.RootStage.RunningSplits = 2, 1
	return s
}

// Rows is an answer of one page; each row is the text of a JSON array.
func Rows(columns []protocol.Column, rows ...string) Answer {
	page := protocol.ResultPage{Columns: columns, RowCount: len(rows), Stats: Finished(int64(len(rows)))}
	if len(rows) > 0 {
		page.Data = [][]byte{[]byte(strings.Join(rows, ","))}
	}
	return Answer{Pages: []protocol.ResultPage{page}}
}

// Failed is the answer of a statement with an error.
func Failed(err *trinoerr.Error) Answer {
	return Answer{Pages: []protocol.ResultPage{{Err: err, Stats: protocol.Stats{State: "FAILED"}}}}
}

// Changed is the answer of a statement that changes the session.
func Changed(updateType string, changes protocol.SessionChanges) Answer {
	return Answer{Pages: []protocol.ResultPage{{
		Columns: []protocol.Column{}, UpdateType: updateType, Changes: &changes, Stats: protocol.Stats{State: "FINISHED"},
	}}}
}
