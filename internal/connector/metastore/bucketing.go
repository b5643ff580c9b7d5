package metastore

import "maps"

// bucketingVersion is the parameter of tables that says how rows are hashed to buckets.
const bucketingVersion = "bucketing_version"

// bucketingVersionOf is the version that parameters of a table tell; without it is the first.
func bucketingVersionOf(parameters map[string]string) int {
	if parameters[bucketingVersion] == "2" {
		return 2
	}
	return 1
}

// allParameters are those of a table, with what its storage adds to them.
func (t *Table) allParameters() map[string]string {
	out := maps.Clone(parameters(t.Parameters))
	if b := t.Storage.Bucketing; b != nil {
		out[bucketingVersion] = "1"
		if b.Version == 2 {
			out[bucketingVersion] = "2"
		}
	}
	return out
}
