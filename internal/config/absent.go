package config

import "path/filepath"

// absentFiles are files of Trino's configuration that promise what Waterbear does not have. A cluster that ran with one of them must not
// silently run without it.
var absentFiles = []struct{ name, what string }{
	{"access-control.properties", "access control"},
	{"password-authenticator.properties", "authentication by password"},
	{"certificate-authenticator.properties", "authentication by certificate"},
	{"header-authenticator.properties", "authentication by header"},
	{"group-provider.properties", "groups of users"},
	{"event-listener.properties", "event listeners"},
	{"session-property-config.properties", "managers of session properties"},
	{"spooling-manager.properties", "the spooled client protocol"},
}

// refuseAbsent refuses a directory that has such files.
func refuseAbsent(dir string, problems *Problems) {
	for _, f := range absentFiles {
		if path := filepath.Join(dir, f.name); exists(path) {
			problems.add(path, 0, "Waterbear does not have %s yet: remove the file if the cluster may run without", f.what)
		}
	}
}
