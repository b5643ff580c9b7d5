package jdbc

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// Settings are the properties of a catalog file, in this or that session.
type Settings struct {
	URL, User, Password string

	PoolSize      int
	CaseSensitive bool // names are looked up as they are
	CacheTTL      time.Duration
	NamesTTL      time.Duration

	UnsupportedTypes   UnsupportedTypes
	MappedToVarchar    []string
	DecimalMapping     DecimalMapping
	DecimalScale       int
	DecimalRounding    Rounding
	ArrayMapping       ArrayMapping
	Statistics         bool
	SplitSize          int64
	BatchSize          int
	DirectInsert       bool
	JoinPushdown       bool
	JoinStrategy       JoinStrategy
	JoinTableSize      int64   // larger tables are not joined there, in bytes
	JoinRatio          float64 // of the bytes that come out of a join and those that go in
	AggregatePushdown  bool
	TopNPushdown       bool
	ComplexExpressions bool
	CollateStrings     bool
	StringAsVarchar    bool // texts of any bytes are read as varchar
	DomainThreshold    int
	NumberScale        *int // of numbers without precision and scale; nil: they are unsupported
	Remarks            bool // comments of the database are shown
	Synonyms           bool // names that stand for tables are tables
	FetchSize          int  // rows that one answer of the server has; zero: as the driver has it

	DynamicFiltering     bool
	DynamicFilteringWait time.Duration

	QueryComment string

	caseInsensitive bool
	credentials     string
}

// UnsupportedTypes is what is done with columns of types that cannot be read.
type UnsupportedTypes string

// Such columns are left out, or shown as text.
const (
	IgnoreUnsupported  UnsupportedTypes = "IGNORE"
	ConvertUnsupported UnsupportedTypes = "CONVERT_TO_VARCHAR"
)

// DecimalMapping is what is done with decimals of more digits than Trino has, or of any number of digits.
type DecimalMapping string

// They are unsupported, or have DecimalScale digits after the point.
const (
	StrictDecimals DecimalMapping = "STRICT"
	AllowOverflow  DecimalMapping = "ALLOW_OVERFLOW"
)

// Rounding is how digits after the point are lost that there is no room for; Unnecessary makes that an error.
type Rounding string

// The roundings of Java.
const (
	Unnecessary Rounding = "UNNECESSARY"
	Up          Rounding = "UP"
	Down        Rounding = "DOWN"
	Ceiling     Rounding = "CEILING"
	Floor       Rounding = "FLOOR"
	HalfUp      Rounding = "HALF_UP"
	HalfDown    Rounding = "HALF_DOWN"
	HalfEven    Rounding = "HALF_EVEN"
)

// JoinStrategy is which joins the database does of those that it could do.
type JoinStrategy string

// Those that are known to make less of what they join, or all.
const (
	AutomaticJoins JoinStrategy = "AUTOMATIC"
	EagerJoins     JoinStrategy = "EAGER"
)

// ArrayMapping is how arrays are read.
type ArrayMapping string

// Arrays are unsupported, arrays of one dimension, or JSON.
const (
	ArraysDisabled ArrayMapping = "DISABLED"
	ArraysAsArray  ArrayMapping = "AS_ARRAY"
	ArraysAsJSON   ArrayMapping = "AS_JSON"
)

// Table is the properties of a connector: those of all, then its own.
func Table(title string, own ...config.Property[Settings]) *config.Table[Settings] {
	return &config.Table[Settings]{
		Title:       title,
		Properties:  append(common(), own...),
		Unsupported: unsupported,
		Complete: func(s *Settings, _ config.Host) {
			s.CaseSensitive = !s.caseInsensitive
			s.NamesTTL = max(s.NamesTTL, s.CacheTTL)
		},
	}
}

// WithoutDecimalMapping takes away the properties that say what becomes of decimals of too many digits.
func WithoutDecimalMapping(t *config.Table[Settings]) {
	t.Properties = slices.DeleteFunc(t.Properties, func(p config.Property[Settings]) bool { return strings.HasPrefix(p.Name, "decimal-") })
}

const usedBy = "connector/jdbc"

func common() []config.Property[Settings] {
	return []config.Property[Settings]{
		{Name: "connection-url", Required: true, UsedBy: usedBy,
			Value: config.Text(func(s *Settings) *string { return &s.URL }, "jdbc:…", checkURL),
			Doc:   "Where the database is, as its JDBC driver wants it."},
		{Name: "connection-user", UsedBy: usedBy, Value: config.Text(func(s *Settings) *string { return &s.User }, "", nil),
			Doc: "Who connects to the database."},
		{Name: "connection-password", Secret: true, UsedBy: usedBy, Value: config.Text(func(s *Settings) *string { return &s.Password }, "", nil),
			Doc: "That user's password."},
		{Name: "credential-provider.type", Default: "INLINE", UsedBy: usedBy,
			Value: config.Enum(func(s *Settings) *string { return &s.credentials }, "INLINE"),
			Doc:   "Where user and password come from: the catalog file."},
		{Name: "connection-pool.max-size", Default: "20", UsedBy: usedBy,
			Value: config.Int(func(s *Settings) *int { return &s.PoolSize }, 1, 10_000),
			Doc:   "How many connections each process has at most for reading, and as many for writing."},
		{Name: "case-insensitive-name-matching", Default: "false", UsedBy: usedBy,
			Value: config.Bool(func(s *Settings) *bool { return &s.caseInsensitive }),
			Doc:   "Whether schemas and tables are found whose names have upper-case letters."},
		{Name: "case-insensitive-name-matching.cache-ttl", Default: "1m", UsedBy: usedBy,
			Value: config.Duration(func(s *Settings) *time.Duration { return &s.NamesTTL }, 0),
			Doc:   "How long the names are remembered that are told apart by case."},
		{Name: "metadata.cache-ttl", Default: "0s", UsedBy: usedBy,
			Value: config.Duration(func(s *Settings) *time.Duration { return &s.CacheTTL }, 0),
			Doc:   "How long schemas, tables and their columns are remembered from one statement to the next."},
		{Name: "unsupported-type-handling", Default: "IGNORE", UsedBy: usedBy,
			Value:   config.Enum(func(s *Settings) *UnsupportedTypes { return &s.UnsupportedTypes }, IgnoreUnsupported, ConvertUnsupported),
			Session: &config.SessionInfo{Name: "unsupported_type_handling", Description: "Unsupported type handling strategy"},
			Doc:     "What is done with columns of unsupported types: they are left out, or read as texts, in which form they cannot be written."},
		{Name: "jdbc-types-mapped-to-varchar", UsedBy: usedBy,
			Value: config.List(func(s *Settings) *[]string { return &s.MappedToVarchar }, "names of types of the database", nil),
			Doc:   "Types whose columns are read as texts."},
		{Name: "decimal-mapping", Default: "STRICT", UsedBy: usedBy,
			Value:   config.Enum(func(s *Settings) *DecimalMapping { return &s.DecimalMapping }, StrictDecimals, AllowOverflow),
			Session: &config.SessionInfo{Name: "decimal_mapping", Description: "Decimal mapping for unspecified and exceeding precision decimals. STRICT skips them. ALLOW_OVERFLOW requires setting proper decimal scale and rounding mode"},
			Doc:     "Whether decimals of more than 38 digits, or of any number, are read."},
		{Name: "decimal-default-scale", Default: "0", UsedBy: usedBy,
			Value:   config.Int(func(s *Settings) *int { return &s.DecimalScale }, 0, 38),
			Session: &config.SessionInfo{Name: "decimal_default_scale", Description: "Default decimal scale for mapping unspecified and exceeding precision decimals. Not used when DECIMAL_MAPPING is set to STRICT"},
			Doc:     "How many digits after the point such decimals have."},
		{Name: "decimal-rounding-mode", Default: "UNNECESSARY", UsedBy: usedBy,
			Value: config.Enum(func(s *Settings) *Rounding { return &s.DecimalRounding }, Unnecessary, Up, Down, Ceiling, Floor,
				HalfUp, HalfDown, HalfEven),
			Session: &config.SessionInfo{Name: "decimal_rounding_mode", Description: "Rounding mode for mapping unspecified and exceeding precision decimals. Not used when DECIMAL_MAPPING is set to STRICT"},
			Doc:     "How such decimals are rounded; with UNNECESSARY, one that has more digits is an error."},
		{Name: "statistics.enabled", Default: "true", UsedBy: usedBy,
			Value: config.Bool(func(s *Settings) *bool { return &s.Statistics }),
			Doc:   "Whether the database's statistics of its tables help to plan queries."},
		{Name: "scan.split-size", Default: "32MB", UsedBy: usedBy,
			Value: config.Size(func(s *Settings) *int64 { return &s.SplitSize }, 8<<10),
			Doc: "Tables larger than this are read in parts of about this size, each by a statement of its own. The parts show the table at " +
				"different times: for tables that are changed meanwhile, set it to more than they have."},
		{Name: "write.batch-size", Default: "1000", UsedBy: usedBy,
			Value:   config.Int(func(s *Settings) *int { return &s.BatchSize }, 1, 10_000_000),
			Session: &config.SessionInfo{Name: "write_batch_size", Description: "Maximum number of rows to write in a single batch"},
			Doc:     "How many rows one statement writes, where the database has no faster way in."},
		{Name: "insert.non-transactional-insert.enabled", Default: "false", UsedBy: usedBy,
			Value:   config.Bool(func(s *Settings) *bool { return &s.DirectInsert }),
			Session: &config.SessionInfo{Name: "non_transactional_insert", Description: "Enables support for non-transactional INSERT"},
			Doc:     "Whether INSERT writes into the table itself instead of a temporary one. What a failed statement has written then stays; retries are refused."},
		{Name: "aggregation-pushdown.enabled", Default: "true", UsedBy: usedBy,
			Value:   config.Bool(func(s *Settings) *bool { return &s.AggregatePushdown }),
			Session: &config.SessionInfo{Name: "aggregation_pushdown_enabled", Description: "Enable aggregation pushdown"},
			Doc:     "Whether the database aggregates."},
		{Name: "topn-pushdown.enabled", Default: "true", UsedBy: usedBy,
			Value:   config.Bool(func(s *Settings) *bool { return &s.TopNPushdown }),
			Session: &config.SessionInfo{Name: "topn_pushdown_enabled", Description: "Enable TopN pushdown"},
			Doc:     "Whether the database orders rows of which only the first are wanted."},
		{Name: "join-pushdown.enabled", Default: "true", UsedBy: usedBy,
			Value:   config.Bool(func(s *Settings) *bool { return &s.JoinPushdown }),
			Session: &config.SessionInfo{Name: "join_pushdown_enabled", Description: "Enable join pushdown"},
			Doc:     "Whether the database joins its own tables."},
		{Name: "join-pushdown.strategy", Default: "AUTOMATIC", UsedBy: usedBy,
			Value:   config.Enum(func(s *Settings) *JoinStrategy { return &s.JoinStrategy }, AutomaticJoins, EagerJoins),
			Session: &config.SessionInfo{Name: "join_pushdown_strategy", Description: "Join pushdown strategy"},
			Doc:     "Which joins the database does: AUTOMATIC, those of which statistics say that they make little, or EAGER, all that it can do."},
		{Name: "experimental.join-pushdown.automatic.max-table-size", UsedBy: usedBy,
			Value:   config.Size(func(s *Settings) *int64 { return &s.JoinTableSize }, 1),
			Session: &config.SessionInfo{Name: "join_pushdown_automatic_max_table_size", Description: "Maximum table size to be considered for join pushdown"},
			Doc:     "The AUTOMATIC strategy joins no tables of more bytes than this. Without it they may have any number."},
		{Name: "experimental.join-pushdown.automatic.max-join-to-tables-ratio", Default: "1.25", UsedBy: usedBy,
			Value: config.Float(func(s *Settings) *float64 { return &s.JoinRatio }, 0, math.MaxFloat64),
			Session: &config.SessionInfo{Name: "join_pushdown_automatic_max_join_to_tables_ratio",
				Description: "If estimated join output size is greater than or equal to ratio * sum of table sizes, then join pushdown will not be performed"},
			Doc: "The AUTOMATIC strategy leaves joins alone whose bytes are this many times those of the two tables, or more."},
		{Name: "complex-expression-pushdown.enabled", Default: "true", UsedBy: usedBy,
			Value:   config.Bool(func(s *Settings) *bool { return &s.ComplexExpressions }),
			Session: &config.SessionInfo{Name: "complex_expression_pushdown", Description: "Enable complex expression pushdown"},
			Doc:     "Whether conditions other than comparisons of a column with constants are evaluated by the database."},
		{Name: "domain-compaction-threshold", Default: "256", UsedBy: usedBy,
			Value:   config.Int(func(s *Settings) *int { return &s.DomainThreshold }, 1, 1_000_000),
			Session: &config.SessionInfo{Name: "domain_compaction_threshold", Description: "Maximum ranges to allow in a tuple domain without simplifying it"},
			Doc:     "Longer lists of values of a column are sent to the database as their range."},
		{Name: "dynamic-filtering.enabled", Default: "true", UsedBy: usedBy,
			Value:   config.Bool(func(s *Settings) *bool { return &s.DynamicFiltering }),
			Session: &config.SessionInfo{Name: "dynamic_filtering_enabled", Description: "Wait for dynamic filters before starting JDBC query"},
			Doc:     "Whether the database is told of the keys that the other side of a join has, and then asked only for rows that have them."},
		{Name: "dynamic-filtering.wait-timeout", Default: "20s", UsedBy: usedBy,
			Value:   config.Duration(func(s *Settings) *time.Duration { return &s.DynamicFilteringWait }, 0),
			Session: &config.SessionInfo{Name: "dynamic_filtering_wait_timeout", Description: "Duration to wait for completion of dynamic filters"},
			Doc:     "How long scans wait for those keys, unless most rows are expected to have one of them."},
		{Name: "query.comment-format", UsedBy: usedBy,
			Value: config.Text(func(s *Settings) *string { return &s.QueryComment }, "a text, with $QUERY_ID, $USER and $SOURCE", checkComment),
			Doc:   "A comment at the end of the statements that read: $QUERY_ID, $USER and $SOURCE are replaced."},
	}
}

// unsupported are properties of Trino's connectors that would have no effect here.
var unsupported = []config.Defunct{
	{Name: "user-credential-name", Use: "users have no credentials of their own for a catalog"},
	{Name: "password-credential-name", Use: "users have no credentials of their own for a catalog"},
	{Name: "connection-credential-file", Use: "write user and password into the catalog file"},
	{Name: "keystore-file-path", Use: "write user and password into the catalog file"},
	{Name: "case-insensitive-name-matching.config-file", Use: "names that differ only in case cannot be told apart"},
	{Name: "bulk-list-columns.enabled", Use: "columns are listed table by table"},
}

func checkURL(text string) error {
	if !strings.HasPrefix(strings.ToLower(text), "jdbc:") {
		return errors.New("must begin with jdbc: and the name of the database")
	}
	return nil
}

// checkComment keeps a comment from ending early.
func checkComment(text string) error {
	if strings.Contains(text, "*/") {
		return errors.New("must not contain */")
	}
	return nil
}
