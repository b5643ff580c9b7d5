package config

// ResourceGroups says where the resource groups are configured: resource-groups.properties.
type ResourceGroups struct {
	Manager ResourceGroupManager
	File    string // JSON
}

// ResourceGroupManager is a way to configure resource groups.
type ResourceGroupManager string

// FileResourceGroups are configured in a file, which is read at start.
const FileResourceGroups ResourceGroupManager = "file"

// notFromDatabase says what to do instead of Trino's other way.
const notFromDatabase = "resource groups come from a file: 'resource-groups.configuration-manager=file' and 'resource-groups.config-file'"

// ResourceGroupsTable lists the properties of resource-groups.properties.
var ResourceGroupsTable = Table[ResourceGroups]{
	Title: "resource-groups.properties",
	Properties: []Property[ResourceGroups]{
		{Name: "resource-groups.configuration-manager", Required: true, UsedBy: "cmd/waterbear",
			Value: Enum(func(c *ResourceGroups) *ResourceGroupManager { return &c.Manager }, FileResourceGroups),
			Doc:   "How [resource groups](../resource-groups.md) are configured. Trino's `db` is not supported."},
		{Name: "resource-groups.config-file", Required: true, UsedBy: "cmd/waterbear",
			Value: Text(func(c *ResourceGroups) *string { return &c.File }, "a file", notEmpty),
			Doc:   "The file with groups and selectors, on coordinators. A relative path begins beside the configuration directory."},
	},
	Unsupported: []Defunct{
		{"resource-groups.config-db-url", notFromDatabase}, {"resource-groups.config-db-user", notFromDatabase},
		{"resource-groups.config-db-password", notFromDatabase}, {"resource-groups.max-refresh-interval", notFromDatabase},
		{"resource-groups.refresh-interval", notFromDatabase}, {"resource-groups.exact-match-selector-enabled", notFromDatabase},
	},
}
