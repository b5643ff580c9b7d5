package trinoerr

// The codes of Trino 476's connectors. Each connector has a range of its own.

// Reading and writing Hive tables; the file formats and the metastore share the range.
var (
	HiveMetastoreError                 = code("HIVE_METASTORE_ERROR", 16777216, External)
	HiveCursorError                    = code("HIVE_CURSOR_ERROR", 16777217, External)
	HiveTableOffline                   = code("HIVE_TABLE_OFFLINE", 16777218, UserError)
	HiveCannotOpenSplit                = code("HIVE_CANNOT_OPEN_SPLIT", 16777219, External)
	HiveFileNotFound                   = code("HIVE_FILE_NOT_FOUND", 16777220, External)
	HiveUnknownError                   = code("HIVE_UNKNOWN_ERROR", 16777221, External)
	HivePartitionOffline               = code("HIVE_PARTITION_OFFLINE", 16777222, UserError)
	HiveBadData                        = code("HIVE_BAD_DATA", 16777223, External)
	HivePartitionSchemaMismatch        = code("HIVE_PARTITION_SCHEMA_MISMATCH", 16777224, External)
	HiveInvalidPartitionValue          = code("HIVE_INVALID_PARTITION_VALUE", 16777226, External)
	HiveInvalidMetadata                = code("HIVE_INVALID_METADATA", 16777228, External)
	HiveInvalidViewData                = code("HIVE_INVALID_VIEW_DATA", 16777229, External)
	HiveDatabaseLocationError          = code("HIVE_DATABASE_LOCATION_ERROR", 16777230, External)
	HivePathAlreadyExists              = code("HIVE_PATH_ALREADY_EXISTS", 16777231, External)
	HiveFilesystemError                = code("HIVE_FILESYSTEM_ERROR", 16777232, External)
	HiveUnsupportedFormat              = code("HIVE_UNSUPPORTED_FORMAT", 16777235, External)
	HivePartitionReadOnly              = code("HIVE_PARTITION_READ_ONLY", 16777236, UserError)
	HiveTooManyOpenPartitions          = code("HIVE_TOO_MANY_OPEN_PARTITIONS", 16777237, UserError)
	HiveConcurrentModificationDetected = code("HIVE_CONCURRENT_MODIFICATION_DETECTED", 16777238, External)
	HiveColumnOrderMismatch            = code("HIVE_COLUMN_ORDER_MISMATCH", 16777239, UserError)
	HiveFileMissingColumnNames         = code("HIVE_FILE_MISSING_COLUMN_NAMES", 16777240, External)
	HiveWriterOpenError                = code("HIVE_WRITER_OPEN_ERROR", 16777241, External)
	HiveWriterCloseError               = code("HIVE_WRITER_CLOSE_ERROR", 16777242, External)
	HiveWriterDataError                = code("HIVE_WRITER_DATA_ERROR", 16777243, External)
	HiveInvalidBucketFiles             = code("HIVE_INVALID_BUCKET_FILES", 16777244, External)
	HiveExceededPartitionLimit         = code("HIVE_EXCEEDED_PARTITION_LIMIT", 16777245, UserError)
	HiveWriteValidationFailed          = code("HIVE_WRITE_VALIDATION_FAILED", 16777246, InternalError)
	HivePartitionDroppedDuringQuery    = code("HIVE_PARTITION_DROPPED_DURING_QUERY", 16777247, External)
	HiveTableReadOnly                  = code("HIVE_TABLE_READ_ONLY", 16777248, UserError)
	HivePartitionNotReadable           = code("HIVE_PARTITION_NOT_READABLE", 16777249, UserError)
	HiveTableDroppedDuringQuery        = code("HIVE_TABLE_DROPPED_DURING_QUERY", 16777251, External)
	HiveCorruptedColumnStatistics      = code("HIVE_CORRUPTED_COLUMN_STATISTICS", 16777253, External)
	HiveExceededSplitBufferingLimit    = code("HIVE_EXCEEDED_SPLIT_BUFFERING_LIMIT", 16777254, UserError)
	HiveUnknownColumnStatisticType     = code("HIVE_UNKNOWN_COLUMN_STATISTIC_TYPE", 16777255, InternalError)
	HiveTableLockNotAcquired           = code("HIVE_TABLE_LOCK_NOT_ACQUIRED", 16777256, External)
	HiveViewTranslationError           = code("HIVE_VIEW_TRANSLATION_ERROR", 16777257, External)
	HivePartitionNotFound              = code("HIVE_PARTITION_NOT_FOUND", 16777258, UserError)
	HiveInvalidTimestampCoercion       = code("HIVE_INVALID_TIMESTAMP_COERCION", 16777259, External)
	HiveUnserializableJsonValue        = code("HIVE_UNSERIALIZABLE_JSON_VALUE", 16777260, UserError)
)

// Iceberg.
var (
	IcebergInvalidMetadata        = code("ICEBERG_INVALID_METADATA", 84148225, External)
	IcebergTooManyOpenPartitions  = code("ICEBERG_TOO_MANY_OPEN_PARTITIONS", 84148226, UserError)
	IcebergInvalidPartitionValue  = code("ICEBERG_INVALID_PARTITION_VALUE", 84148227, External)
	IcebergBadData                = code("ICEBERG_BAD_DATA", 84148228, External)
	IcebergCannotOpenSplit        = code("ICEBERG_CANNOT_OPEN_SPLIT", 84148230, External)
	IcebergWriterOpenError        = code("ICEBERG_WRITER_OPEN_ERROR", 84148231, External)
	IcebergFilesystemError        = code("ICEBERG_FILESYSTEM_ERROR", 84148232, External)
	IcebergCursorError            = code("ICEBERG_CURSOR_ERROR", 84148233, External)
	IcebergWriteValidationFailed  = code("ICEBERG_WRITE_VALIDATION_FAILED", 84148234, InternalError)
	IcebergInvalidSnapshotId      = code("ICEBERG_INVALID_SNAPSHOT_ID", 84148235, UserError)
	IcebergCommitError            = fatal("ICEBERG_COMMIT_ERROR", 84148236, External)
	IcebergCatalogError           = code("ICEBERG_CATALOG_ERROR", 84148237, External)
	IcebergWriterCloseError       = code("ICEBERG_WRITER_CLOSE_ERROR", 84148238, External)
	IcebergMissingMetadata        = code("ICEBERG_MISSING_METADATA", 84148239, External)
	IcebergWriterDataError        = code("ICEBERG_WRITER_DATA_ERROR", 84148240, External)
	IcebergUnsupportedViewDialect = code("ICEBERG_UNSUPPORTED_VIEW_DIALECT", 84148241, External)
)

// Delta Lake.
var (
	DeltaLakeInvalidSchema   = code("DELTA_LAKE_INVALID_SCHEMA", 84279296, External)
	DeltaLakeInvalidTable    = code("DELTA_LAKE_INVALID_TABLE", 84279297, External)
	DeltaLakeBadData         = code("DELTA_LAKE_BAD_DATA", 84279298, External)
	DeltaLakeBadWrite        = code("DELTA_LAKE_BAD_WRITE", 84279299, External)
	DeltaLakeFilesystemError = code("DELTA_LAKE_FILESYSTEM_ERROR", 84279300, External)
)

// Hudi.
var (
	HudiInvalidPartitionValue = code("HUDI_INVALID_PARTITION_VALUE", 84344833, External)
	HudiBadData               = code("HUDI_BAD_DATA", 84344834, External)
	HudiCannotOpenSplit       = code("HUDI_CANNOT_OPEN_SPLIT", 84344836, External)
	HudiUnsupportedFileFormat = code("HUDI_UNSUPPORTED_FILE_FORMAT", 84344837, External)
	HudiCursorError           = code("HUDI_CURSOR_ERROR", 84344838, External)
	HudiFilesystemError       = code("HUDI_FILESYSTEM_ERROR", 84344839, External)
	HudiPartitionNotFound     = code("HUDI_PARTITION_NOT_FOUND", 84344840, External)
)

// Databases reached as JDBC connectors in Trino.
var (
	JdbcError             = code("JDBC_ERROR", 67108864, External)
	JdbcNonTransientError = code("JDBC_NON_TRANSIENT_ERROR", 67108865, External)
)

// Redshift.
var (
	RedshiftInvalidType              = code("REDSHIFT_INVALID_TYPE", 85000192, External)
	RedshiftParquetBadData           = code("REDSHIFT_PARQUET_BAD_DATA", 85000193, External)
	RedshiftParquetCursorError       = code("REDSHIFT_PARQUET_CURSOR_ERROR", 85000194, External)
	RedshiftFilesystemError          = code("REDSHIFT_FILESYSTEM_ERROR", 85000195, External)
	RedshiftS3CrossRegionUnsupported = code("REDSHIFT_S3_CROSS_REGION_UNSUPPORTED", 85000196, External)
)

// BigQuery.
var (
	BigqueryFailedToExecuteQuery         = code("BIGQUERY_FAILED_TO_EXECUTE_QUERY", 84475906, External)
	BigqueryAmbiguousObjectName          = code("BIGQUERY_AMBIGUOUS_OBJECT_NAME", 84475907, External)
	BigqueryListingDatasetError          = code("BIGQUERY_LISTING_DATASET_ERROR", 84475908, External)
	BigqueryUnsupportedOperation         = code("BIGQUERY_UNSUPPORTED_OPERATION", 84475909, UserError)
	BigqueryInvalidStatement             = code("BIGQUERY_INVALID_STATEMENT", 84475910, UserError)
	BigqueryProxySslInitializationFailed = code("BIGQUERY_PROXY_SSL_INITIALIZATION_FAILED", 84475911, External)
	BigqueryBadWrite                     = code("BIGQUERY_BAD_WRITE", 84475912, External)
	BigqueryListingTableError            = code("BIGQUERY_LISTING_TABLE_ERROR", 84475913, External)
	BigqueryCreateReadSessionError       = code("BIGQUERY_CREATE_READ_SESSION_ERROR", 84475914, External)
)

// The memory connector.
var (
	MissingData         = code("MISSING_DATA", 84017152, External)
	MemoryLimitExceeded = code("MEMORY_LIMIT_EXCEEDED", 84017153, External)
)

// The filesystem exchange.
var (
	MaxOutputPartitionCountExceeded = code("MAX_OUTPUT_PARTITION_COUNT_EXCEEDED", 84934656, UserError)
)

// Message decoders.
var (
	DecoderConversionNotSupported = code("DECODER_CONVERSION_NOT_SUPPORTED", 16842752, External)
)

// Kafka.
var (
	KafkaSplitError                = code("KAFKA_SPLIT_ERROR", 16908288, External)
	KafkaSchemaError               = code("KAFKA_SCHEMA_ERROR", 16908289, External)
	KafkaProducerError             = code("KAFKA_PRODUCER_ERROR", 16908290, InternalError)
	SchemaRegistryAmbiguousSubject = code("SCHEMA_REGISTRY_AMBIGUOUS_SUBJECT", 16908291, External)
)

// Cassandra.
var (
	CassandraMetadataError            = code("CASSANDRA_METADATA_ERROR", 17039360, External)
	CassandraVersionError             = code("CASSANDRA_VERSION_ERROR", 17039361, External)
	CassandraSslInitializationFailure = code("CASSANDRA_SSL_INITIALIZATION_FAILURE", 17039362, External)
)

// MongoDB.
var (
	MongodbInvalidType = code("MONGODB_INVALID_TYPE", 85065728, External)
)

// Elasticsearch.
var (
	ElasticsearchConnectionError          = code("ELASTICSEARCH_CONNECTION_ERROR", 84082688, External)
	ElasticsearchInvalidResponse          = code("ELASTICSEARCH_INVALID_RESPONSE", 84082689, External)
	ElasticsearchSslInitializationFailure = code("ELASTICSEARCH_SSL_INITIALIZATION_FAILURE", 84082690, External)
	ElasticsearchQueryFailure             = code("ELASTICSEARCH_QUERY_FAILURE", 84082691, UserError)
	ElasticsearchInvalidMetadata          = code("ELASTICSEARCH_INVALID_METADATA", 84082692, UserError)
)

// OpenSearch; the numbers are Elasticsearch's, in Trino too.
var (
	OpensearchConnectionError          = code("OPENSEARCH_CONNECTION_ERROR", 84082688, External)
	OpensearchInvalidResponse          = code("OPENSEARCH_INVALID_RESPONSE", 84082689, External)
	OpensearchSslInitializationFailure = code("OPENSEARCH_SSL_INITIALIZATION_FAILURE", 84082690, External)
	OpensearchQueryFailure             = code("OPENSEARCH_QUERY_FAILURE", 84082691, UserError)
	OpensearchInvalidMetadata          = code("OPENSEARCH_INVALID_METADATA", 84082692, UserError)
)

// Prometheus.
var (
	PrometheusUnknownError               = code("PROMETHEUS_UNKNOWN_ERROR", 84475904, External)
	PrometheusTablesMetricsRetrieveError = code("PROMETHEUS_TABLES_METRICS_RETRIEVE_ERROR", 84475905, UserError)
	PrometheusParseError                 = code("PROMETHEUS_PARSE_ERROR", 84475906, External)
)

// Loki.
var (
	LokiClientError = code("LOKI_CLIENT_ERROR", 85131264, External)
	LokiTableError  = code("LOKI_TABLE_ERROR", 85131265, External)
)

// Pinot.
var (
	PinotUnsupportedColumnType      = code("PINOT_UNSUPPORTED_COLUMN_TYPE", 84213760, External)
	PinotAmbiguousTableName         = code("PINOT_AMBIGUOUS_TABLE_NAME", 84213761, External)
	PinotInsufficientServerResponse = code("PINOT_INSUFFICIENT_SERVER_RESPONSE", 84213762, External)
	PinotException                  = code("PINOT_EXCEPTION", 84213763, External)
	PinotHttpError                  = code("PINOT_HTTP_ERROR", 84213764, External)
	PinotUnableToFindBroker         = code("PINOT_UNABLE_TO_FIND_BROKER", 84213767, External)
	PinotDecodeError                = code("PINOT_DECODE_ERROR", 84213768, External)
	PinotInvalidPqlGenerated        = code("PINOT_INVALID_PQL_GENERATED", 84213769, InternalError)
	PinotInvalidConfiguration       = code("PINOT_INVALID_CONFIGURATION", 84213770, InternalError)
	PinotUnclassifiedError          = code("PINOT_UNCLASSIFIED_ERROR", 84213860, External)
)

// Google Sheets.
var (
	SheetsBadCredentialsError = code("SHEETS_BAD_CREDENTIALS_ERROR", 84410368, External)
	SheetsMetastoreError      = code("SHEETS_METASTORE_ERROR", 84410369, External)
	SheetsUnknownTableError   = code("SHEETS_UNKNOWN_TABLE_ERROR", 84410370, UserError)
	SheetsTableLoadError      = code("SHEETS_TABLE_LOAD_ERROR", 84410371, InternalError)
	SheetsInsertError         = code("SHEETS_INSERT_ERROR", 84410372, InternalError)
	SheetsInvalidTableFormat  = code("SHEETS_INVALID_TABLE_FORMAT", 84410373, External)
)

// The worked example of docs/connectors.md. Trino has no such connector.
var ExampleRequestFailed = code("EXAMPLE_REQUEST_FAILED", 2146435072, External)
