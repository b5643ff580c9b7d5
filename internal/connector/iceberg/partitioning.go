package iceberg

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// partitionTransform is the form of an item of the table property partitioning: a column, or a function of one.
var partitionTransform = regexp.MustCompile(`^(?:(\w+)\()?\s*("(?:[^"]|"")*"|[^\s"(),]+)\s*(?:,\s*(\d+)\s*)?(\))?$`)

// parsePartitioning makes the partition spec of the property partitioning, over the columns of a schema.
func parsePartitioning(items []string, schema *iceberg.Schema) (*iceberg.PartitionSpec, error) {
	opts := []iceberg.PartitionOption{iceberg.WithSpecID(0)}
	for i, item := range items {
		column, transform, err := parsePartitionField(item)
		if err != nil {
			return nil, err
		}
		field, found := schema.FindFieldByNameCaseInsensitive(column)
		if !found {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Column not found: %s", column)
		}
		if _, primitive := field.Type.(iceberg.PrimitiveType); !primitive || !transform.CanTransform(field.Type) {
			return nil, trinoerr.New(trinoerr.InvalidTableProperty, "Unable to parse partitioning value: Cannot partition by %s: %s", field.Type, item)
		}
		name, err := partitionName(schema, field.ID, transform)
		if err != nil {
			return nil, err
		}
		id := firstPartitionID + i
		opts = append(opts, iceberg.AddPartitionFieldBySourceID(field.ID, name, transform, schema, &id))
	}
	spec, err := iceberg.NewPartitionSpecOpts(opts...)
	if err != nil {
		return nil, trinoerr.Wrap(err, trinoerr.InvalidTableProperty, "Unable to parse partitioning value")
	}
	return &spec, nil
}

// firstPartitionID is the id of the first field of a partition spec.
const firstPartitionID = 1000

func partitionName(schema *iceberg.Schema, source int, transform iceberg.Transform) (string, error) {
	name, err := iceberg.GeneratePartitionFieldName(schema, iceberg.PartitionField{SourceIDs: []int{source}, Transform: transform})
	return name, trinoerr.Wrap(err, trinoerr.InvalidTableProperty, "Unable to parse partitioning value")
}

// parsePartitionField reads an item of partitioning.
func parsePartitionField(item string) (column string, transform iceberg.Transform, err error) {
	m := partitionTransform.FindStringSubmatch(strings.TrimSpace(item))
	if m == nil || (m[1] != "") != (m[4] != "") {
		return "", nil, trinoerr.New(trinoerr.InvalidTableProperty, "Unable to parse partitioning value: Invalid partition field declaration: %s", item)
	}
	if column = m[2]; strings.HasPrefix(column, `"`) {
		column = strings.ReplaceAll(column[1:len(column)-1], `""`, `"`)
	}
	n, _ := strconv.Atoi(m[3]) // digits, or none
	switch function, counted := strings.ToLower(m[1]), m[3] != ""; {
	case function == "" && !counted:
		return column, iceberg.IdentityTransform{}, nil
	case function == "void" && !counted:
		return column, iceberg.VoidTransform{}, nil
	case function == "year" && !counted:
		return column, iceberg.YearTransform{}, nil
	case function == "month" && !counted:
		return column, iceberg.MonthTransform{}, nil
	case function == "day" && !counted:
		return column, iceberg.DayTransform{}, nil
	case function == "hour" && !counted:
		return column, iceberg.HourTransform{}, nil
	case function == "bucket" && n > 0:
		return column, iceberg.BucketTransform{NumBuckets: n}, nil
	case function == "truncate" && n > 0:
		return column, iceberg.TruncateTransform{Width: n}, nil
	}
	return "", nil, trinoerr.New(trinoerr.InvalidTableProperty, "Unable to parse partitioning value: Invalid partition field declaration: %s", item)
}

// partitioning is the property of a spec.
func partitioning(spec iceberg.PartitionSpec, schema *iceberg.Schema) []string {
	var out []string
	for _, f := range spec.Fields() {
		name, found := schema.FindColumnName(f.SourceID())
		if !found {
			name = fieldID(f.SourceID())
		}
		if name = strings.ToLower(name); !plainName.MatchString(name) {
			name = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
		switch t := f.Transform.(type) {
		case iceberg.IdentityTransform:
			out = append(out, name)
		case iceberg.BucketTransform:
			out = append(out, fmt.Sprintf("bucket(%s, %d)", name, t.NumBuckets))
		case iceberg.TruncateTransform:
			out = append(out, fmt.Sprintf("truncate(%s, %d)", name, t.Width))
		default:
			out = append(out, t.String()+"("+name+")")
		}
	}
	return out
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)
