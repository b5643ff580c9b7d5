package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/waterbear-sql/waterbear/internal/config"
	"github.com/waterbear-sql/waterbear/internal/connector"
	"github.com/waterbear-sql/waterbear/internal/coordinator"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
	"github.com/waterbear-sql/waterbear/internal/faultpoint"
	"github.com/waterbear-sql/waterbear/internal/metrics"
	"github.com/waterbear-sql/waterbear/internal/protocol"
	"github.com/waterbear-sql/waterbear/internal/resourcegroups"
	"github.com/waterbear-sql/waterbear/internal/rpc"
	"github.com/waterbear-sql/waterbear/internal/rpc/blob"
	"github.com/waterbear-sql/waterbear/internal/systemd"
	"github.com/waterbear-sql/waterbear/internal/worker"
)

// registerPatience is how long a worker waits for one of several coordinators before it asks another: less than a coordinator
// that takes over waits for its workers.
const registerPatience = time.Second

// drainTimeout bounds how long a worker that is told to end waits for its running attempts.
const drainTimeout = 2 * time.Minute

func runServer(ctx context.Context, args []string) int {
	fs := flag.NewFlagSet("server", flag.ContinueOnError)
	etc := fs.String("etc-dir", "etc", "configuration directory")
	if code, ok := parse(fs, args); !ok {
		return code
	}
	starter := systemd.TakeNotifier()
	cfg, err := config.Load(*etc, config.LocalHost())
	if err != nil {
		return failStart("server", err)
	}
	etcDir, err := filepath.Abs(*etc)
	if err != nil {
		return fail("server", err)
	}
	if err := probeStorage(ctx, cfg); err != nil {
		return failStart("server", err)
	}
	n, err := newNode(cfg, etcDir)
	if err != nil {
		return failStart("server", err)
	}
	n.starter = starter
	if err := n.run(ctx); err != nil {
		return fail("server", err)
	}
	return 0
}

// node is a process of a cluster: a coordinator, a worker, or both.
type node struct {
	cfg         *config.Config
	etc         string
	log         func(pkg string) *slog.Logger
	listeners   []net.Listener
	inherited   bool // the listeners: somebody else keeps them open
	starter     systemd.Notifier
	url         string
	secret      rpc.Secret
	coordinator *coordinator.Coordinator
	worker      *worker.Worker
	protocol    *protocol.Server
	catalogs    map[string]connector.Connector
	stores      *store.Registry
	journal     *coordinator.JournalConfig // nil: there is none
	journalKey  rpc.Secret
	standby     *coordinator.Standby // nil: this node leads, or is a worker
	groups      *resourcegroups.Spec // nil: there are none
	front       front
	speaks      chan struct{} // closed when there is a protocol
	metrics     *metrics.Registry
	profiles    net.Listener // nil: there are none
	mux         *http.ServeMux
}

// newNode puts a node together and begins to listen; nothing runs before run.
func newNode(cfg *config.Config, etc string) (*node, error) {
	n := &node{cfg: cfg, etc: etc, secret: rpc.Secret(cfg.Server.SharedSecret), mux: http.NewServeMux(), speaks: make(chan struct{}),
		log: func(pkg string) *slog.Logger { return packageLogger(os.Stderr, cfg.Log, pkg) }}
	n.addMetrics()
	var err error
	if n.groups, err = readResourceGroups(cfg); err != nil {
		return nil, err
	}
	if err := n.prepareDirectories(); err != nil {
		return nil, err
	}
	if n.listeners, n.inherited, err = listen(cfg); err != nil {
		return nil, err
	}
	if n.profiles, err = listenProfiles(cfg.Server.PprofAddress); err != nil {
		closeAll(n.listeners)
		return nil, err
	}
	port := n.listeners[0].Addr().(*net.TCPAddr).Port
	n.url = "http://" + net.JoinHostPort(cfg.Node.InternalAddress, strconv.Itoa(port))
	if cfg.Server.Coordinator {
		n.stores = openStores(cfg, "")
		if n.journal, n.journalKey, err = findJournal(cfg, n.stores); err == nil {
			err = n.lead()
		}
	}
	if err == nil && (!cfg.Server.Coordinator || cfg.Server.IncludeCoordinator) {
		err = n.addWorker()
	}
	if err != nil {
		closeAll(n.listeners)
		if n.profiles != nil {
			n.profiles.Close()
		}
		return nil, err
	}
	if n.standby == nil {
		n.addProtocol()
	}
	n.mux.Handle("/", &n.front)
	return n, nil
}

// prepareDirectories makes the node's directories, and its identity when it has none yet.
func (n *node) prepareDirectories() error {
	if err := os.RemoveAll(n.bundleDir()); err != nil { // outputs of an earlier process, which nobody can ask for
		return fmt.Errorf("empty directory: %w", err)
	}
	for _, d := range []string{n.cfg.Node.DataDir, n.cfg.Resources.ScratchDir, n.bundleDir()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("create directory: %w", err)
		}
	}
	if n.cfg.Node.ID != "" {
		return nil
	}
	file := filepath.Join(n.cfg.Node.DataDir, "node-id")
	id, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		id = []byte(uuid.NewString())
		err = os.WriteFile(file, id, 0o600)
	}
	if err != nil {
		return fmt.Errorf("node identity: %w", err)
	}
	n.cfg.Node.ID = strings.TrimSpace(string(id))
	return nil
}

func (n *node) bundleDir() string { return bundleDir(n.cfg) }

func (n *node) addCoordinator() error {
	blobs := blob.NewStore(n.cfg.Resources.MemoryBytes)
	sys := &coordinator.System{}
	var err error
	n.catalogs, err = openCatalogs(context.Background(), n.cfg, connector.Env{Coordinator: true, System: sys, Blobs: blobs, Abandoned: sys.Abandoned,
		InCommit: func(ctx context.Context, query string) error {
			return openFaults(n.cfg).Reach(ctx, faultpoint.InCommit, query)
		}})
	if err != nil {
		return err
	}
	c := coordinator.Config{NodeID: n.cfg.Node.ID, Environment: n.cfg.Node.Environment, Version: version, URL: n.url, Secret: n.secret,
		Catalogs: n.catalogs, ConnectorNames: connectorNames(n.cfg), Stores: n.stores, Encrypt: n.cfg.Spooling.Encrypt, LeaveOutputs: !n.cfg.Spooling.Delete, Marks: true, Session: n.cfg.Session,
		ResourceGroups: n.groups, Scheduling: n.cfg.Scheduling, Query: n.cfg.Query, Communication: n.cfg.Communication, Blobs: blobs, Faults: openFaults(n.cfg), Metrics: n.metrics, Log: n.log("coordinator")}
	c.Scratch = filepath.Join(n.cfg.Resources.ScratchDir, "coordinator")
	if x := n.cfg.Exchange; x != nil {
		c.SpoolURIs, c.MaxFileBytes, c.MaxPartitions = x.BaseDirectories, x.SinkMaxFileSize, x.MaxPartitions
	}
	c.Journal, c.JournalSecret = n.journal, n.journalKey
	n.coordinator, err = coordinator.New(c)
	if err != nil {
		return err
	}
	sys.Serve(n.coordinator)
	n.coordinator.Handle(n.mux)
	return nil
}

// openFaults are the points at which tests let the process go wrong; nil outside of tests.
func openFaults(cfg *config.Config) *faultpoint.Points {
	return faultpoint.Open(os.Getenv(faultpoint.Env)).Limit(cfg.Communication.FailureInjectionTTL, cfg.Communication.FailureInjectionDelay)
}

func (n *node) addWorker() error {
	uris := n.cfg.Server.DiscoveryURIs()
	if n.cfg.Server.Coordinator && len(uris) < 2 {
		uris = []string{n.url}
	}
	coordinators, err := rpc.NewCoordinators(uris, http.DefaultTransport)
	if err != nil {
		return err
	}
	coordinators.Patience = registerPatience
	discovery := strings.Join(uris, ",")
	n.worker = worker.New(worker.Config{
		NodeID: n.cfg.Node.ID, Environment: n.cfg.Node.Environment, Version: version, URL: n.url, Coordinator: coordinators.URL(), Client: coordinators.Client(), Secret: n.secret,
		MemoryBytes: n.cfg.Resources.TaskMemoryBytes(), Slots: n.cfg.Resources.Slots, ThreadsPerTask: n.cfg.Resources.ThreadsPerTask,
		HeartbeatInterval: n.cfg.Communication.HeartbeatInterval, AbandonTimeout: n.cfg.Query.ClientTimeout, SlotSilence: n.cfg.Communication.RemoteTaskMaxError,
		BundleDir: n.bundleDir(), Faults: openFaults(n.cfg), Metrics: n.metrics, Log: n.log("worker"),
		SlotCommand: func(slot int) *exec.Cmd {
			cmd := exec.Command("/proc/self/exe", "slot", "--etc-dir", n.etc, "--url", n.url, "--coordinator", discovery, "--number", strconv.Itoa(slot))
			cmd.Stderr = os.Stderr
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			return cmd
		},
	})
	n.worker.Handle(n.mux)
	return nil
}

func (n *node) addProtocol() {
	c := protocol.Config{NodeID: n.cfg.Node.ID, Version: version, Environment: n.cfg.Node.Environment, InternalAddress: n.cfg.Node.InternalAddress,
		ExternalAddress: n.cfg.Node.ExternalAddress, ProcessForwarded: n.cfg.Server.ProcessForwarded, ClientTimeout: n.cfg.Query.ClientTimeout, Log: n.log("protocol")}
	if n.worker != nil {
		c.Memory = n.worker.Memory
		c.State = func() string {
			if n.worker.Draining() {
				return "DRAINING"
			}
			return "ACTIVE"
		}
	}
	if n.coordinator != nil {
		n.protocol = protocol.New(c, n.coordinator)
	} else {
		n.protocol = protocol.NewWorker(c)
	}
	n.front.set(n.protocol)
	close(n.speaks)
}

// tell tells who started this process how it is.
func (n *node) tell(state string) {
	if err := n.starter.Say(state); err != nil {
		n.log("coordinator").Warn("who started this process does not hear", "state", state, "err", err)
	}
}

// run serves until ctx ends. A worker then finishes its running attempts, if it is not told twice.
func (n *node) run(ctx context.Context) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{Handler: n.mux, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return serving }}
	served := make(chan error, len(n.listeners))
	for _, l := range n.listeners {
		go func() { served <- server.Serve(l) }()
	}
	var parts sync.WaitGroup
	stopped := make(chan error, 1)
	if n.cfg.Server.Coordinator {
		parts.Go(func() { stopped <- n.coordinate(n.leaving(ctx)) })
	}
	if n.worker != nil {
		parts.Go(func() { n.worker.Run(serving) })
	}
	parts.Go(func() { n.watchClients(serving) })
	if n.profiles != nil {
		n.log("coordinator").Info("profiles are served", "address", n.profiles.Addr().String())
		parts.Go(func() { serveProfiles(serving, n.profiles) })
	}
	n.log("coordinator").Info("node started", "url", n.url, "node", n.cfg.Node.ID, "coordinator", n.cfg.Server.Coordinator, "version", version)
	n.tell(systemd.Ready)
	var err error
	select {
	case <-ctx.Done():
		n.tell(systemd.Stopping)
		if n.cfg.Server.Coordinator && n.inherited { // what is asked from now on waits for the one who comes after this one
			server.SetKeepAlivesEnabled(false)
			closeAll(n.listeners)
		}
		if n.cfg.Server.Coordinator { // which goes on answering until it has left
			err = <-stopped
		} else {
			drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
			n.worker.Drain(drain)
			cancel()
		}
	case err = <-served:
	case err = <-stopped: // the journal has been lost: another coordinator has taken over
		if err == nil {
			<-ctx.Done()
		}
	}
	stop()
	parts.Wait()
	closing, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if server.Shutdown(closing) != nil {
		server.Close()
	}
	for _, c := range n.catalogs {
		c.Close()
	}
	return err
}
