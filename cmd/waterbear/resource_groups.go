package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
)

// readResourceGroups reads the file of resource groups, on a coordinator; nil when there is none.
func readResourceGroups(cfg *config.Config) (*resourcegroups.Spec, error) {
	if cfg.Groups == nil || cfg.Groups.Manager != config.FileResourceGroups || !cfg.Server.Coordinator {
		return nil, nil
	}
	text, err := os.ReadFile(cfg.Groups.File)
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return nil, config.Problems{{File: cfg.Groups.File, Msg: err.Error()}}
	}
	spec, err := resourcegroups.Parse(string(text))
	if e, ok := errors.AsType[*resourcegroups.Error](err); ok {
		return nil, config.Problems{{File: cfg.Groups.File, Line: e.Line, Msg: e.Msg}}
	}
	return spec, err
}
