package deltalog

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Dir is the directory of the log in the table's.
const Dir = "_delta_log/"

const (
	hintName = Dir + "_last_checkpoint"
	sidecars = Dir + "_sidecars/"
)

// CommitName is the name of the commit that makes a version.
func CommitName(version int64) string { return fmt.Sprintf("%s%020d.json", Dir, version) }

// checkpointPrefix is how the names of a version's checkpoints begin.
func checkpointPrefix(version int64) string { return fmt.Sprintf("%s%020d.checkpoint", Dir, version) }

// classicName is the name of a version's checkpoint in one file.
func classicName(version int64) string { return checkpointPrefix(version) + ".parquet" }

var checkpointPattern = regexp.MustCompile(`^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10})|\.([^./]+))?\.(parquet|json)$`)

// checkpointFile is a file of a checkpoint.
type checkpointFile struct {
	File
	version     int64
	part, parts int    // of a checkpoint in several files; zero otherwise
	id          string // of a checkpoint by the second specification
}

func parseCheckpoint(f File) (c checkpointFile, ok bool) {
	m := checkpointPattern.FindStringSubmatch(path.Base(f.Name))
	if m == nil || m[5] == "json" && m[4] == "" {
		return c, false
	}
	c = checkpointFile{File: f, id: m[4]}
	var err error
	if c.version, err = strconv.ParseInt(m[1], 10, 64); err != nil {
		return c, false
	}
	if m[2] != "" {
		c.part, _ = strconv.Atoi(m[2]) // ten digits
		c.parts, _ = strconv.Atoi(m[3])
		ok = c.part >= 1 && c.part <= c.parts
		return c, ok
	}
	return c, true
}

// Checkpoint is the files of a complete checkpoint.
type Checkpoint struct {
	Version int64  `json:"version"`
	Files   []File `json:"files"`
}

// newestCheckpoint chooses among the complete checkpoints the newest, of several of a version the one in one file, and of others
// the first by name; nil when there is none.
func newestCheckpoint(files []checkpointFile) *Checkpoint {
	type key struct {
		version int64
		parts   int
		id      string
	}
	groups := map[key][]checkpointFile{}
	for _, f := range files {
		k := key{f.version, f.parts, f.id}
		groups[k] = append(groups[k], f)
	}
	var complete []key
	for k, g := range groups {
		slices.SortFunc(g, func(a, b checkpointFile) int { return cmp.Compare(a.part, b.part) })
		if k.parts == 0 || len(g) == k.parts && g[0].part == 1 && g[len(g)-1].part == k.parts {
			complete = append(complete, k)
		}
	}
	if len(complete) == 0 {
		return nil
	}
	best := slices.MinFunc(complete, func(a, b key) int {
		return cmp.Or(-cmp.Compare(a.version, b.version), cmp.Compare(a.parts, b.parts), strings.Compare(a.id, b.id))
	})
	out := &Checkpoint{Version: best.version}
	for _, f := range groups[best] {
		out.Files = append(out.Files, f.File)
	}
	return out
}
