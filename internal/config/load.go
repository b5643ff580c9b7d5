package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Config is a configuration directory that was read and found right.
type Config struct {
	Node          Node
	Server        Server
	Query         Query
	Session       Session // defaults of sessions
	Scheduling    Scheduling
	Communication Communication
	Spooling      Spooling
	Resources     Resources
	Exchange      *Exchange       // nil without exchange-manager.properties
	Groups        *ResourceGroups // nil without resource-groups.properties
	Log           Log
	Catalogs      []Catalog // by name
}

// Catalog is a file of the catalog directory. Its connector reads the properties with a table of its own.
type Catalog struct {
	Name      string
	Connector string // connector.name
	File      *File  // the other properties
}

// Load reads the configuration directory. config.properties and node.properties must be there. The error is a Problems
// with everything that is wrong, the connectors' own properties excepted.
func Load(dir string, host Host) (*Config, error) {
	var c Config
	var problems Problems
	read := func(name string, required bool, sections ...Section) bool {
		f, err := readFile(filepath.Join(dir, name), host)
		if errors.Is(err, fs.ErrNotExist) && !required {
			f, err = &File{Path: filepath.Join(dir, name)}, nil
		}
		if f == nil {
			problems.collect(filepath.Join(dir, name), reason(err))
			return false
		}
		problems.collect(f.Path, err)
		problems.collect(f.Path, Read(f, host, sections...))
		return true
	}
	read("config.properties", true, c.sections()...)
	read("node.properties", true, NodeTable.Into(&c.Node))
	if exists(filepath.Join(dir, "exchange-manager.properties")) {
		c.Exchange = &Exchange{}
		read("exchange-manager.properties", true, c.Exchange.sections()...)
	}
	if exists(filepath.Join(dir, "resource-groups.properties")) {
		c.Groups = &ResourceGroups{}
		read("resource-groups.properties", true, ResourceGroupsTable.Into(c.Groups))
	}
	c.loadLog(filepath.Join(dir, "log.properties"), host, &problems)
	c.loadCatalogs(filepath.Join(dir, "catalog"), host, &problems)
	refuseAbsent(dir, &problems)
	if len(problems) == 0 {
		problems.collect("", c.check(filepath.Join(dir, "config.properties")))
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	c.complete(dir)
	return &c, nil
}

// Defaults is the configuration of empty files, for processes that are configured otherwise.
func Defaults(host Host) *Config {
	c := &Config{Node: NodeTable.Defaults(host)}
	_ = Read(&File{}, host, c.sections()...) // an empty file has no problems
	c.Log, _ = readLog(&File{})
	c.complete(".")
	return c
}

// complete sets defaults that follow from properties of several tables.
func (c *Config) complete(etc string) {
	if c.Node.ExternalAddress == "" {
		c.Node.ExternalAddress = c.Node.InternalAddress
	}
	c.Query.completeDescriptors(c.Resources.MemoryBytes)
	c.resolveDirectories(etc)
}

// LoadExchange reads a file like exchange-manager.properties by itself. The error is a Problems.
func LoadExchange(path string, host Host) (*Exchange, error) {
	f, err := readFile(path, host)
	if f == nil {
		return nil, err
	}
	var problems Problems
	problems.collect(path, err)
	x := &Exchange{}
	problems.collect(path, Read(f, host, x.sections()...))
	if err := problems.err(); err != nil {
		return nil, err
	}
	return x, nil
}

// sections are the tables that make up config.properties.
func (c *Config) sections() []Section {
	return []Section{ServerTable.Into(&c.Server), QueryTable.Into(&c.Query), SessionTable.Into(&c.Session),
		SchedulingTable.Into(&c.Scheduling), CommunicationTable.Into(&c.Communication), SpoolingTable.Into(&c.Spooling), ResourcesTable.Into(&c.Resources)}
}

// homeOf returns the file that a property belongs in, "" when there is none.
func homeOf(property string) string {
	files := []struct {
		name     string
		sections []Section
	}{
		{"config.properties", new(Config).sections()},
		{"node.properties", []Section{NodeTable.Into(nil)}},
		{"exchange-manager.properties", new(Exchange).sections()},
		{"resource-groups.properties", []Section{ResourceGroupsTable.Into(nil)}},
	}
	for _, f := range files {
		for _, s := range f.sections {
			if slices.Contains(s.names(), property) {
				return f.name
			}
		}
	}
	return ""
}

// resolveDirectories makes directories absolute; relative ones start beside the configuration directory.
func (c *Config) resolveDirectories(etc string) {
	base, err := filepath.Abs(filepath.Join(etc, ".."))
	if err != nil {
		base = "/"
	}
	if !filepath.IsAbs(c.Node.DataDir) {
		c.Node.DataDir = filepath.Join(base, c.Node.DataDir)
	}
	if g := c.Groups; g != nil && !filepath.IsAbs(g.File) {
		g.File = filepath.Join(base, g.File)
	}
	switch {
	case c.Resources.ScratchDir == "":
		c.Resources.ScratchDir = filepath.Join(c.Node.DataDir, "scratch")
	case !filepath.IsAbs(c.Resources.ScratchDir):
		c.Resources.ScratchDir = filepath.Join(base, c.Resources.ScratchDir)
	}
	if j := c.Resources.Journal; j != "" && !filepath.IsAbs(j) && !strings.Contains(j, "://") {
		c.Resources.Journal = filepath.Join(base, j)
	}
}

func (c *Config) loadLog(path string, host Host, problems *Problems) {
	f, err := readFile(path, host)
	if f == nil {
		if f = (&File{Path: path}); !errors.Is(err, fs.ErrNotExist) {
			problems.collect(path, reason(err))
		}
	} else {
		problems.collect(path, err)
	}
	c.Log, err = readLog(f)
	problems.collect(path, err)
}

var catalogName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]*$`)

func (c *Config) loadCatalogs(dir string, host Host, problems *Problems) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		problems.collect(dir, reason(err))
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".properties" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := readFile(path, host)
		if f == nil {
			problems.collect(path, reason(err))
			continue
		}
		problems.collect(path, err)
		catalog, err := newCatalog(f)
		problems.collect(path, err)
		c.Catalogs = append(c.Catalogs, catalog)
	}
}

func newCatalog(f *File) (Catalog, error) {
	c := Catalog{Name: strings.TrimSuffix(filepath.Base(f.Path), ".properties"), File: &File{Path: f.Path}}
	var problems Problems
	for _, e := range f.Entries {
		if e.Key == "connector.name" {
			c.Connector = e.Value
		} else {
			c.File.Entries = append(c.File.Entries, e)
		}
	}
	if c.Connector == "" {
		problems.add(f.Path, 0, "required property 'connector.name' is not set")
	}
	if !catalogName.MatchString(c.Name) || c.Name == "system" {
		problems.add(f.Path, 0, "'%s' cannot be the name of a catalog", c.Name)
	}
	return c, problems.err()
}

// readFile reads a properties file. The File is nil when it cannot be read at all.
func readFile(path string, host Host) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseProperties(path, string(text), host.LookupEnv)
}

// reason drops the path from an error of the file system: problems have it already.
func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
