package functions

import "github.com/waterbear-sql/waterbear/internal/trinoerr"

// sessionFunctions tell about the statement's session. The binder puts the values of all but current_groups in the place of
// their calls; the entries are what is said of them.
var sessionFunctions = []Function{
	{Signature: "now()", Returns: "timestamp(3) with time zone", Emit: bound,
		Doc: "The time at which the query began, the same everywhere in it.", Examples: [][2]string{{"now() = current_timestamp", "true"}}},
	{Signature: "current_date()", Returns: "date", Emit: bound,
		Doc: "The day on which the query began, in the session's time zone; it is written without parentheses.", Examples: [][2]string{{"current_date = CAST(now() AS date)", "true"}}},
	{Signature: "current_timezone()", Returns: "varchar", Emit: bound,
		Doc: "The session's time zone.", Examples: [][2]string{{"current_timezone() = ''", "false"}}},
	{Signature: "current_groups()", Returns: "array(varchar)", SQL: "CAST([] AS VARCHAR[])",
		Doc: "The groups of the session's user; without group providers there are none.", Examples: [][2]string{{"current_groups()", "[]"}}},
}

// bound is for functions whose calls do not get this far.
func bound(s *Site) (string, error) {
	return "", trinoerr.New(trinoerr.GenericInternalError, "%s was not bound", s.Function.Name)
}
