package bigquery

import (
	"errors"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// settings are the properties of a catalog file, in this or that session.
type settings struct {
	project, parentProject          string
	credentialsKey, credentialsFile string
	views, skipMaterialization      bool
	filterViews                     bool
	viewExpiry                      time.Duration
	viewProject, viewDataset        string
	caseInsensitive                 bool
	maxParallelism                  int
	readRetries                     int
	queryCache                      bool
	pageSize                        int
	labelName, labelFormat          string
	arrow                           bool
}

const usedBy = "connector/bigquery"

var properties = config.Table[settings]{
	Title: "BigQuery connector",
	Properties: []config.Property[settings]{
		{Name: "bigquery.project-id", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.project }, "", nil),
			DefaultDoc: "that of the credentials", Doc: "The project that has the datasets."},
		{Name: "bigquery.parent-project-id", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.parentProject }, "", nil),
			DefaultDoc: "that of the credentials", Doc: "The project that jobs and read sessions are of, and that pays for them."},
		{Name: "bigquery.credentials-key", Secret: true, UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.credentialsKey }, "", nil),
			Doc: "The JSON key of the service account, in base64. Without it and without a file, the environment is asked."},
		{Name: "bigquery.credentials-file", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.credentialsFile }, "", nil),
			Doc: "A file with the JSON key of the service account."},
		{Name: "bigquery.views-enabled", Default: "false", UsedBy: usedBy, Value: config.Bool(func(s *settings) *bool { return &s.views }),
			Doc: "Whether views can be read. BigQuery runs a query for each scan of one, and charges for it."},
		{Name: "bigquery.view-expire-duration", Default: "24h", UsedBy: usedBy, Value: config.Duration(func(s *settings) *time.Duration { return &s.viewExpiry }, time.Hour),
			Doc: "How long the table stays into which a scan of a view has its rows written."},
		{Name: "bigquery.view-materialization-project", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.viewProject }, "", nil),
			DefaultDoc: "that of the view", Doc: "The project in which such tables are made."},
		{Name: "bigquery.view-materialization-dataset", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.viewDataset }, "", nil),
			DefaultDoc: "that of the view", Doc: "The dataset in which such tables are made."},
		{Name: "bigquery.skip-view-materialization", Default: "false", UsedBy: usedBy,
			Value:   config.Bool(func(s *settings) *bool { return &s.skipMaterialization }),
			Session: &config.SessionInfo{Name: "skip_view_materialization", Description: "Skip materializing views"},
			Doc:     "Whether no such tables are made: the rows of views are then read from where BigQuery keeps the answers of queries for a day."},
		{Name: "bigquery.view-materialization-with-filter", Default: "false", UsedBy: usedBy,
			Value:   config.Bool(func(s *settings) *bool { return &s.filterViews }),
			Session: &config.SessionInfo{Name: "view_materialization_with_filter", Description: "Materialize views with filters"},
			Doc:     "Whether only those rows of a view are written that can satisfy the conditions of the statement."},
		{Name: "bigquery.case-insensitive-name-matching", Default: "false", UsedBy: usedBy, Value: config.Bool(func(s *settings) *bool { return &s.caseInsensitive }),
			Doc: "Whether datasets and tables are found whatever the case of their names is. Otherwise they have to be in lower case."},
		{Name: "bigquery.max-parallelism", Default: "0", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.maxParallelism }, 0, 1_000_000),
			Doc: "Into how many streams a table is divided at most; 0 leaves it to BigQuery."},
		{Name: "bigquery.max-read-rows-retries", Default: "3", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.readRetries }, 0, 1000),
			Doc: "How often a stream that breaks is opened again, after the last row that came, before the task fails."},
		{Name: "bigquery.query-results-cache.enabled", Default: "false", UsedBy: usedBy,
			Value:   config.Bool(func(s *settings) *bool { return &s.queryCache }),
			Session: &config.SessionInfo{Name: "query_results_cache_enabled", Description: "Enable query results cache"},
			Doc:     "Whether BigQuery may answer queries with what it has answered before."},
		{Name: "bigquery.metadata-page-size", Default: "1000", UsedBy: usedBy, Value: config.Int(func(s *settings) *int { return &s.pageSize }, 1, 1_000_000),
			Doc: "How many datasets or tables are listed by one request."},
		{Name: "bigquery.job.label-name", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.labelName }, "", checkLabel),
			Doc: "The name of a label that jobs get."},
		{Name: "bigquery.job.label-format", UsedBy: usedBy, Value: config.Text(func(s *settings) *string { return &s.labelFormat }, "a text, with $QUERY_ID, $USER and $SOURCE", nil),
			Doc: "The value of that label: $QUERY_ID, $USER and $SOURCE are replaced, and what labels cannot have by `_`."},
		{Name: "bigquery.arrow-serialization.enabled", Default: "true", UsedBy: usedBy,
			Aliases: []string{"bigquery.experimental.arrow-serialization.enabled"}, Value: config.Bool(func(s *settings) *bool { return &s.arrow }),
			Doc: "Rows are read in Apache Arrow's format, and in no other."},
	},
	Unsupported: []config.Defunct{
		{Name: "bigquery.parallelism", Use: "use 'bigquery.max-parallelism'"},
		{Name: "bigquery.views-cache-ttl", Use: "each scan of a view sees it as it is then"},
		{Name: "bigquery.metadata.cache-ttl", Use: "metadata is asked for by each statement"},
		{Name: "bigquery.service-cache-ttl", Use: "clients are kept for as long as the catalog is there"},
		{Name: "bigquery.case-insensitive-name-matching.cache-ttl", Use: "names are asked for by each statement"},
		{Name: "bigquery.metadata.parallelism", Use: "one request lists the tables of a dataset"},
		{Name: "bigquery.projection-pushdown-enabled", Use: "columns are read as a whole"},
		{Name: "bigquery.arrow-serialization.max-allocation", Use: "batches are as large as BigQuery sends them"},
		{Name: "bigquery.rpc-proxy.enabled", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.uri", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.username", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.password", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.keystore-path", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.keystore-password", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.truststore-path", Use: "set the environment variable HTTPS_PROXY"},
		{Name: "bigquery.rpc-proxy.truststore-password", Use: "set the environment variable HTTPS_PROXY"},
	},
	Check: func(s *settings) error {
		switch {
		case s.credentialsKey != "" && s.credentialsFile != "":
			return errors.New("only one of bigquery.credentials-key and bigquery.credentials-file can be set")
		case !s.arrow:
			return errors.New("bigquery.arrow-serialization.enabled must be true: rows are read in no other format")
		case s.skipMaterialization && (s.viewProject != "" || s.viewDataset != ""):
			return errors.New("bigquery.view-materialization-project and bigquery.view-materialization-dataset have no effect with bigquery.skip-view-materialization=true")
		case (s.labelName == "") != (s.labelFormat == ""):
			return errors.New("bigquery.job.label-name and bigquery.job.label-format are only of use together")
		}
		return nil
	},
}

// checkLabel allows the names that labels of Google's can have.
func checkLabel(name string) error {
	for i, r := range name {
		if r >= 'a' && r <= 'z' || i > 0 && (r >= '0' && r <= '9' || r == '_' || r == '-') {
			continue
		}
		return errors.New("must begin with a lower-case letter and have no others than such letters, digits, _ and -")
	}
	if len(name) > 63 {
		return errors.New("must have at most 63 characters")
	}
	return nil
}
