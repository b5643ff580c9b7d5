package main

import (
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/coordinator"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/slot"
)

// slotDescriptor is the connection to the worker, see worker.Config.SlotCommand.
const slotDescriptor = 3

func runSlot(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("slot", flag.ContinueOnError)
	etc := fs.String("etc-dir", "", "configuration directory of the worker")
	own := fs.String("url", "", "URL of the worker")
	coord := fs.String("coordinator", "", "URLs of the coordinators, comma-separated")
	number := fs.Int("number", 0, "number of the slot")
	if code, ok := parse(fs, args); !ok {
		return code
	}
	cfg, err := config.Load(*etc, config.LocalHost())
	if err != nil {
		return fail("slot", err)
	}
	secret := rpc.Secret(cfg.Server.SharedSecret)
	coordinators, err := rpc.NewCoordinators(strings.Split(*coord, ","), http.DefaultTransport)
	if err != nil {
		return fail("slot", err)
	}
	catalogs, err := openCatalogs(ctx, cfg, connector.Env{Blobs: blob.Client{Coordinator: coordinators.URL(), Secret: secret, HTTP: coordinators.Client(), Patience: cfg.Communication.RemoteTaskMaxError}})
	if err != nil {
		return fail("slot", err)
	}
	conn := os.NewFile(slotDescriptor, "worker")
	err = slot.Run(slot.Config{
		Catalogs:     catalogs,
		Secret:       secret,
		Stores:       openStores(cfg, *own+coordinator.DirectPath),
		ScratchDir:   filepath.Join(cfg.Resources.ScratchDir, "slot-"+strconv.Itoa(*number)),
		ScratchQuota: cfg.Resources.ScratchQuota,
		Exchange:     slotExchange(cfg.Exchange),
		MemoryBytes:  cfg.Resources.TaskMemoryBytes() / int64(cfg.Resources.Slots),
		Threads:      cfg.Resources.ThreadsPerTask,
		Fault:        openFaults(cfg).Reach,
		Log:          packageLogger(os.Stderr, cfg.Log, "slot"),
	}, conn)
	if err != nil {
		return fail("slot", err)
	}
	return 0
}

// slotExchange says how slots write and read bundles. Without exchange storage they do so as it is best for local disks.
func slotExchange(x *config.Exchange) slot.Exchange {
	if x == nil {
		return slot.Exchange{}
	}
	return slot.Exchange{BufferBytes: x.BufferBytes(), BuffersPerPartition: int64(x.BuffersPerPartition), MinBuffers: int64(max(x.MinSinkBuffers, 1)),
		MaxPageBytes: x.MaxPageBytes, Readers: x.Readers, FilesPerRead: x.FilesPerRead, ReadBytes: x.ReadBytes}
}
