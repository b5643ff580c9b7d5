//go:build e2e

package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/waterbear-sql/waterbear/test/servers"
)

// How `make bench-connectors` runs TestConnectorsBench.
var (
	benchScale  = flag.Float64("connectors.scale", 0.01, "scale factor of the benchmark of connectors")
	benchRuns   = flag.Int("connectors.runs", 1, "how often each of its readings is timed")
	benchFormat = flag.String("connectors.format", "json", "how its outcome is printed; json is looked at too")
)

// TestConnectorsBench runs the benchmark of connectors over real servers. What it measures at a larger scale factor is in docs/performance.md.
func TestConnectorsBench(t *testing.T) {
	pg, s3 := servers.StartPostgreSQL(t), servers.VersityGW(t)
	sources := map[string]map[string]string{
		"postgresql": inPostgreSQL(pg),
		"mariadb":    inMariaDB(servers.StartMariaDB(t)),
		"hive":       byMetastoreOnS3(t, "hive", s3),
		"delta":      byMetastoreOnS3(t, "delta_lake", s3),
		"iceberg":    icebergOnS3(t, pg, s3),
	}
	args := []string{"bench", "connectors", "--workers", "1", "--slots", "2", "--threads-per-task", "1", "--scale", fmt.Sprint(*benchScale), "--runs", fmt.Sprint(*benchRuns),
		"--format", *benchFormat}
	dir := t.TempDir()
	for name, properties := range sources {
		text := ""
		for key, value := range properties {
			text += key + "=" + value + "\n"
		}
		file := filepath.Join(dir, name+".properties")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--catalog", file)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil || *benchFormat != "json" {
		fmt.Printf("%s\n", out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if *benchFormat != "json" {
		return
	}
	var report struct {
		Timings []struct {
			Catalog string `json:"catalog"`
			Rows    int64  `json:"rows"`
		} `json:"timings"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatal(err)
	}
	read := map[string]int{}
	for _, r := range report.Timings {
		read[r.Catalog]++
		if r.Rows == 0 {
			t.Errorf("%s has no rows", r.Catalog)
		}
	}
	for name := range sources {
		if read[name] != 2 {
			t.Errorf("%s was read in %d ways", name, read[name])
		}
	}
}
