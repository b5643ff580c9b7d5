// Package config reads the configuration directory: config.properties, node.properties, exchange-manager.properties,
// log.properties and catalog/*.properties, with Trino's property names, into typed structs. What can be set is listed
// in tables, one per area; a name that no table has is an error that says where it stands and what was probably meant.
// The tables also give the session properties and the reference page.
//
// It knows nothing of the components that use the values: whoever starts them copies the structs' fields. Nothing else
// reads these files or the environment.
//
// Start with Load; Table is what a connector uses for its own properties; Session is what SET SESSION changes.
package config

//go:generate go run ./reference ../../docs/reference/properties.md ../../docs/fault-tolerant-execution.md
