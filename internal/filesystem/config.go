package filesystem

import (
	"fmt"
	"os"
	"reflect"
	"slices"

	"github.com/waterbear-sql/waterbear/internal/config"
)

// Config says which file systems a catalog can use and how they are reached. Connectors have it in their settings, fill it with Properties
// and check it with Check.
type Config struct {
	Local Local
	S3    S3
	Azure Azure
	GCS   GCS
	HDFS  HDFS
}

// Local are the files of this machine, which all nodes must have in the same place.
type Local struct {
	Enabled  bool
	Location string // what local:/// stands for
}

// family is a file system.
type family struct {
	enabled    string // the property that switches it on
	properties []config.Property[Config]
	on         func(*Config) *bool
	// part is all that its properties fill.
	part func(*Config) any
}

// families are all file systems.
var families = []family{
	{"fs.native-local.enabled", config.Nested(func(c *Config) *Local { return &c.Local }, localProperties),
		func(c *Config) *bool { return &c.Local.Enabled }, func(c *Config) any { return c.Local }},
	{"fs.native-s3.enabled", config.Nested(func(c *Config) *S3 { return &c.S3 }, s3Properties),
		func(c *Config) *bool { return &c.S3.Enabled }, func(c *Config) any { return c.S3 }},
	{"fs.native-azure.enabled", config.Nested(func(c *Config) *Azure { return &c.Azure }, azureProperties),
		func(c *Config) *bool { return &c.Azure.Enabled }, func(c *Config) any { return c.Azure }},
	{"fs.native-gcs.enabled", config.Nested(func(c *Config) *GCS { return &c.GCS }, gcsProperties),
		func(c *Config) *bool { return &c.GCS.Enabled }, func(c *Config) any { return c.GCS }},
	{"fs.hadoop.enabled", config.Nested(func(c *Config) *HDFS { return &c.HDFS }, hdfsProperties),
		func(c *Config) *bool { return &c.HDFS.Enabled }, func(c *Config) any { return c.HDFS }},
}

// Properties are the properties of file systems for the table of a connector; field is where its settings have the configuration.
func Properties[C any](field func(*C) *Config) []config.Property[C] {
	var all []config.Property[Config]
	for _, f := range families {
		all = append(all, f.properties...)
	}
	return config.Nested(field, all)
}

// Unsupported are Trino's properties of file systems that are refused, for the table of a connector.
func Unsupported() []config.Defunct {
	return slices.Concat(s3Unsupported, azureUnsupported, gcsUnsupported, hdfsUnsupported)
}

// Check holds the properties against each other.
func (c *Config) Check() error {
	defaults := (&config.Table[Config]{Properties: Properties(func(c *Config) *Config { return c })}).Defaults(config.Host{})
	for _, f := range families {
		if *f.on(c) {
			continue
		}
		if !reflect.DeepEqual(f.part(c), f.part(&defaults)) {
			return &config.PropertyError{Property: f.enabled, Msg: fmt.Sprintf("it must be true, as properties of that file system are set: %s", f.names())}
		}
	}
	if c.Local.Enabled && c.Local.Location == "" {
		return &config.PropertyError{Property: "fs.native-local.enabled", Msg: "needs local.location, the directory that local:/// stands for"}
	}
	for _, check := range []func() error{c.S3.check, c.Azure.check, c.GCS.check, c.HDFS.check} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// names says what the properties of a file system begin with.
func (f family) names() string {
	for _, p := range f.properties {
		if p.Name != f.enabled {
			return "such as '" + p.Name + "'"
		}
	}
	return f.enabled
}

var localProperties = []config.Property[Local]{
	{Name: "fs.native-local.enabled", Default: "false", UsedBy: "filesystem",
		Value: config.Bool(func(c *Local) *bool { return &c.Enabled }),
		Doc:   "Whether locations that begin with `local://` can be used."},
	{Name: "local.location", UsedBy: "filesystem",
		Value: config.Text(func(c *Local) *string { return &c.Location }, "an existing directory", checkDirectory),
		Doc:   "The directory that `local:///` stands for, on every node."},
}

func checkDirectory(path string) error {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return fmt.Errorf("'%s' is not a directory", path)
	}
	return nil
}

func checkFile(path string) error {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return fmt.Errorf("file does not exist: %s", path)
	}
	return nil
}
