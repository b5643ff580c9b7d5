package hdfs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/colinmarc/hdfs/v2/hadoopconf"
)

// defaultPort is that of name nodes whose address has none.
const defaultPort = "8020"

// resources is Hadoop's configuration, by the names of its properties.
type resources hadoopconf.HadoopConf

// resourceFile is a file such as core-site.xml.
type resourceFile struct {
	XMLName    xml.Name `xml:"configuration"`
	Properties []struct {
		Name  string `xml:"name"`
		Value string `xml:"value"`
		Final bool   `xml:"final"`
	} `xml:"property"`
	Includes []struct{} `xml:"include"`
}

// loadResources reads files in their order. A property counts as the last file has it, unless one before has called it final.
func loadResources(files []string) (resources, error) {
	all, final := resources{}, map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parseResource(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, p := range file.Properties {
			key := strings.TrimSpace(p.Name)
			if final[key] {
				continue
			}
			all[key], final[key] = strings.TrimSpace(p.Value), p.Final
		}
	}
	for key := range all {
		value, err := all.expand(all[key], nil)
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", key, err)
		}
		all[key] = value
	}
	return all, nil
}

func parseResource(text []byte) (*resourceFile, error) {
	file := &resourceFile{}
	if err := xml.Unmarshal(text, file); err != nil {
		return nil, fmt.Errorf("not a configuration of Hadoop: %w", err)
	}
	if len(file.Includes) > 0 {
		return nil, errors.New("it includes other files, which is not supported: name them in hdfs.config.resources")
	}
	return file, nil
}

var variable = regexp.MustCompile(`\$\{([^}$\s]+)\}`)

// expand replaces ${name} by the property of that name; one that is not set is left as it is, as Hadoop does. through are
// those that are being replaced.
func (r resources) expand(value string, through []string) (string, error) {
	var failure error
	out := variable.ReplaceAllStringFunc(value, func(ref string) string {
		name := ref[2 : len(ref)-1]
		for _, t := range through {
			if t == name {
				failure = fmt.Errorf("${%s} refers to itself", name)
				return ref
			}
		}
		inner, ok := r[name]
		if !ok {
			return ref
		}
		inner, err := r.expand(inner, append(through[:len(through):len(through)], name))
		if err != nil {
			failure = err
		}
		return inner
	})
	return out, failure
}

// nameNodes are the addresses of the name nodes of a cluster: of a name service that the files know, of a host, or, when the
// authority is empty, of the default file system.
func (r resources) nameNodes(authority string) ([]string, error) {
	if authority == "" {
		name := r["fs.defaultFS"]
		if name == "" {
			name = r["fs.default.name"] // its name until Hadoop 2
		}
		u, err := url.Parse(name)
		if err != nil || u.Scheme != Scheme || u.Host == "" {
			return nil, fmt.Errorf("the URI names no cluster, and fs.defaultFS of hdfs.config.resources is %q", name)
		}
		authority = u.Host
	}
	const address = "dfs.namenode.rpc-address."
	ids, ok := r["dfs.ha.namenodes."+authority]
	if !ok {
		if a := r[address+authority]; a != "" {
			return []string{withPort(a)}, nil
		}
		if _, _, err := net.SplitHostPort(withPort(authority)); err != nil {
			return nil, err
		}
		return []string{withPort(authority)}, nil
	}
	var all []string
	for id := range strings.SplitSeq(ids, ",") {
		key := address + authority + "." + strings.TrimSpace(id)
		if r[key] == "" {
			return nil, fmt.Errorf("dfs.ha.namenodes.%s names %s, but %s is not set", authority, strings.TrimSpace(id), key)
		}
		all = append(all, withPort(r[key]))
	}
	return all, nil
}

func withPort(address string) string {
	if _, port, err := net.SplitHostPort(address); err == nil && port != "" {
		return address
	}
	return net.JoinHostPort(strings.Trim(strings.TrimSuffix(address, ":"), "[]"), defaultPort)
}

// layout is how files are made.
type layout struct {
	blockSize   int64 // 0: as the name node says
	replication int   // 0: likewise
	umask       os.FileMode
}

var units = map[byte]int64{'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30}

// layout is what the files say about how files are made.
func (r resources) layout() (l layout, err error) {
	l.umask = 0o022
	if text := strings.ToLower(r["dfs.blocksize"]); text != "" {
		unit, digits := int64(1), text
		if u, ok := units[text[len(text)-1]]; ok {
			unit, digits = u, text[:len(text)-1]
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || n <= 0 || n > (1<<40)/unit || n*unit%512 != 0 {
			return l, fmt.Errorf("dfs.blocksize is %q, which is no multiple of 512 bytes", text)
		}
		l.blockSize = n * unit
	}
	if text := r["dfs.replication"]; text != "" {
		if l.replication, err = strconv.Atoi(text); err != nil || l.replication < 1 || l.replication > 512 {
			return l, fmt.Errorf("dfs.replication is %q, which is no number from 1 to 512", text)
		}
	}
	if text := r["fs.permissions.umask-mode"]; text != "" {
		n, err := strconv.ParseUint(text, 8, 32)
		if err != nil || n > 0o777 {
			return l, fmt.Errorf("fs.permissions.umask-mode is %q, which is no octal mask", text)
		}
		l.umask = os.FileMode(n)
	}
	return l, nil
}
