package metastore

// The structs of the Hive metastore's service that are used here, with the numbers of their fields, after the interface definition
// hive_metastore.thrift of Apache Hive (Apache License 2.0).

type hmsDatabase struct {
	Name        string            `thrift:"1"`
	Description *string           `thrift:"2"`
	Location    *string           `thrift:"3"`
	Parameters  map[string]string `thrift:"4"`
	Owner       *string           `thrift:"6"`
	OwnerType   *int32            `thrift:"7"`
	Catalog     *string           `thrift:"8"`
}

type hmsField struct {
	Name    string  `thrift:"1"`
	Type    string  `thrift:"2"`
	Comment *string `thrift:"3"`
}

type hmsSerde struct {
	Name       *string           `thrift:"1"`
	Library    *string           `thrift:"2"`
	Parameters map[string]string `thrift:"3"`
}

type hmsOrder struct {
	Column string `thrift:"1"`
	Order  int32  `thrift:"2"` // 1 ascending, 0 descending
}

type hmsSkewed struct {
	Columns []string   `thrift:"1"`
	Values  [][]string `thrift:"2"`
}

type hmsStorage struct {
	Columns                []hmsField        `thrift:"1"`
	Location               *string           `thrift:"2"`
	InputFormat            *string           `thrift:"3"`
	OutputFormat           *string           `thrift:"4"`
	Compressed             bool              `thrift:"5"`
	Buckets                int32             `thrift:"6"`
	Serde                  *hmsSerde         `thrift:"7"`
	BucketColumns          []string          `thrift:"8"`
	SortColumns            []hmsOrder        `thrift:"9"`
	Parameters             map[string]string `thrift:"10"`
	Skewed                 *hmsSkewed        `thrift:"11"`
	StoredAsSubDirectories *bool             `thrift:"12"`
}

type hmsTable struct {
	Name             string            `thrift:"1"`
	Database         string            `thrift:"2"`
	Owner            *string           `thrift:"3"`
	CreateTime       int32             `thrift:"4"`
	LastAccessTime   int32             `thrift:"5"`
	Retention        int32             `thrift:"6"`
	Storage          *hmsStorage       `thrift:"7"`
	PartitionKeys    []hmsField        `thrift:"8"`
	Parameters       map[string]string `thrift:"9"`
	ViewOriginalText *string           `thrift:"10"`
	ViewExpandedText *string           `thrift:"11"`
	Type             string            `thrift:"12"`
	Temporary        *bool             `thrift:"14"`
	RewriteEnabled   *bool             `thrift:"15"`
	Catalog          *string           `thrift:"17"`
	OwnerType        *int32            `thrift:"18"`
	WriteID          *int64            `thrift:"19"`
	AccessType       *int8             `thrift:"22"`
	ReadNeeds        []string          `thrift:"23"`
	WriteNeeds       []string          `thrift:"24"`
}

type hmsPartition struct {
	Values         []string          `thrift:"1"`
	Database       string            `thrift:"2"`
	Table          string            `thrift:"3"`
	CreateTime     int32             `thrift:"4"`
	LastAccessTime int32             `thrift:"5"`
	Storage        *hmsStorage       `thrift:"6"`
	Parameters     map[string]string `thrift:"7"`
	Catalog        *string           `thrift:"9"`
	WriteID        *int64            `thrift:"10"`
}

type hmsTableMeta struct {
	Database string `thrift:"1"`
	Name     string `thrift:"2"`
	Type     string `thrift:"3"`
}

type hmsEnvironment struct {
	Properties map[string]string `thrift:"1"`
}

type hmsCapabilities struct {
	Values []int32 `thrift:"1"`
}

type hmsTableRequest struct {
	Database     string           `thrift:"1"`
	Table        string           `thrift:"2"`
	Capabilities *hmsCapabilities `thrift:"3"`
}

type hmsTableResult struct {
	Table *hmsTable `thrift:"1"`
}

type hmsLongs struct {
	Low      *int64 `thrift:"1"`
	High     *int64 `thrift:"2"`
	Nulls    int64  `thrift:"3"`
	Distinct int64  `thrift:"4"`
}

type hmsDoubles struct {
	Low      *float64 `thrift:"1"`
	High     *float64 `thrift:"2"`
	Nulls    int64    `thrift:"3"`
	Distinct int64    `thrift:"4"`
}

type hmsBooleans struct {
	True  int64 `thrift:"1"`
	False int64 `thrift:"2"`
	Nulls int64 `thrift:"3"`
}

type hmsStrings struct {
	Longest  int64   `thrift:"1"`
	Average  float64 `thrift:"2"`
	Nulls    int64   `thrift:"3"`
	Distinct int64   `thrift:"4"`
}

type hmsBinaries struct {
	Longest int64   `thrift:"1"`
	Average float64 `thrift:"2"`
	Nulls   int64   `thrift:"3"`
}

// hmsDecimal is unscaled in two's complement, the most significant byte first.
type hmsDecimal struct {
	Scale    int16  `thrift:"3"`
	Unscaled []byte `thrift:"1"`
}

type hmsDecimals struct {
	Low      *hmsDecimal `thrift:"1"`
	High     *hmsDecimal `thrift:"2"`
	Nulls    int64       `thrift:"3"`
	Distinct int64       `thrift:"4"`
}

type hmsDate struct {
	Days int64 `thrift:"1"`
}

type hmsDates struct {
	Low      *hmsDate `thrift:"1"`
	High     *hmsDate `thrift:"2"`
	Nulls    int64    `thrift:"3"`
	Distinct int64    `thrift:"4"`
}

// hmsStatisticsData has exactly one of its fields.
type hmsStatisticsData struct {
	Booleans *hmsBooleans `thrift:"1"`
	Longs    *hmsLongs    `thrift:"2"`
	Doubles  *hmsDoubles  `thrift:"3"`
	Strings  *hmsStrings  `thrift:"4"`
	Binaries *hmsBinaries `thrift:"5"`
	Decimals *hmsDecimals `thrift:"6"`
	Dates    *hmsDates    `thrift:"7"`
}

type hmsColumnStatistics struct {
	Column string            `thrift:"1"`
	Type   string            `thrift:"2"`
	Data   hmsStatisticsData `thrift:"3"`
}

type hmsStatisticsOf struct {
	TableLevel bool    `thrift:"1"`
	Database   string  `thrift:"2"`
	Table      string  `thrift:"3"`
	Partition  *string `thrift:"4"`
}

type hmsStatistics struct {
	Of      hmsStatisticsOf       `thrift:"1"`
	Columns []hmsColumnStatistics `thrift:"2"`
	Engine  *string               `thrift:"4"`
}

type hmsTableStatisticsRequest struct {
	Database string   `thrift:"1"`
	Table    string   `thrift:"2"`
	Columns  []string `thrift:"3"`
	Engine   string   `thrift:"6"`
}

type hmsTableStatistics struct {
	Columns []hmsColumnStatistics `thrift:"1"`
}

type hmsPartitionStatisticsRequest struct {
	Database   string   `thrift:"1"`
	Table      string   `thrift:"2"`
	Columns    []string `thrift:"3"`
	Partitions []string `thrift:"4"`
	Engine     string   `thrift:"7"`
}

type hmsPartitionStatistics struct {
	Partitions map[string][]hmsColumnStatistics `thrift:"1"`
}

// Numbers of the enumerations of locks.
const (
	exclusiveLock = 3
	tableLevel    = 2
	noTransaction = 6

	lockAcquired = 1
	lockWaiting  = 2
)

type hmsLockComponent struct {
	Type      int32   `thrift:"1"`
	Level     int32   `thrift:"2"`
	Database  string  `thrift:"3"`
	Table     *string `thrift:"4"`
	Operation int32   `thrift:"6"`
}

type hmsLockRequest struct {
	Components []hmsLockComponent `thrift:"1"`
	User       string             `thrift:"3"`
	Host       string             `thrift:"4"`
}

type hmsLock struct {
	ID    int64 `thrift:"1"`
	State int32 `thrift:"2"`
}

type hmsLockID struct {
	ID int64 `thrift:"1"`
}

// hmsException is what all exceptions have.
type hmsException struct {
	Message string `thrift:"1"`
}
