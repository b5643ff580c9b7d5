package metrics

import (
	"net/http"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Registry has the values of one process. All methods may be called concurrently, and those that tell it something on nil,
// which forgets it.
type Registry struct {
	registry   *prometheus.Registry
	counters   map[*Metric]*prometheus.CounterVec
	histograms map[*Metric]*prometheus.HistogramVec
	gauges     map[*Metric]*prometheus.Desc

	mu      sync.Mutex
	readers []func(Set)
}

// Set tells the value that a gauge has, for one combination of its labels, which are in the order of the metric's. Each
// combination is told once.
type Set func(m *Metric, value float64, labels ...string)

// New makes the registry of a process, with what the Go runtime and the operating system know of it and the metrics of every node
// and of its roles.
func New(roles ...Role) *Registry {
	r := &Registry{registry: prometheus.NewRegistry(), counters: map[*Metric]*prometheus.CounterVec{},
		histograms: map[*Metric]*prometheus.HistogramVec{}, gauges: map[*Metric]*prometheus.Desc{}}
	r.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, m := range all {
		if m.Role != Node && !slices.Contains(roles, m.Role) {
			continue
		}
		switch m.Kind {
		case Counter:
			v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.Name, Help: m.Help}, m.labelNames())
			for _, labels := range m.Combinations() { // a counter that appears with its first event has no rate then
				v.WithLabelValues(labels...)
			}
			r.counters[m] = v
			r.registry.MustRegister(v)
		case Histogram:
			v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: m.Name, Help: m.Help, Buckets: m.Buckets}, m.labelNames())
			for _, labels := range m.Combinations() {
				v.WithLabelValues(labels...)
			}
			r.histograms[m] = v
			r.registry.MustRegister(v)
		case Gauge:
			r.gauges[m] = prometheus.NewDesc(m.Name, m.Help, m.labelNames(), nil)
		}
	}
	r.registry.MustRegister(reading{r})
	return r
}

// Add adds to a counter. labels are in the order of the metric's.
func (r *Registry) Add(m *Metric, n float64, labels ...string) {
	if r != nil && n > 0 {
		r.counters[m].WithLabelValues(labels...).Add(n)
	}
}

// Observe adds a value to a histogram.
func (r *Registry) Observe(m *Metric, value float64, labels ...string) {
	if r != nil {
		r.histograms[m].WithLabelValues(labels...).Observe(value)
	}
}

// Read has f called whenever somebody asks for the values, to tell those of gauges and to add to counters what has come
// since. f must not wait for long.
func (r *Registry) Read(f func(Set)) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.readers = append(r.readers, f)
}

// maxScrapes bounds the requests that are answered at a time; others are told 503.
const maxScrapes = 4

// Handler serves the values in Prometheus's text format, and as OpenMetrics to those who ask for that.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError, MaxRequestsInFlight: maxScrapes, EnableOpenMetrics: true})
}

// Gatherer gives the values to tests.
func (r *Registry) Gatherer() prometheus.Gatherer { return r.registry }

// reading collects what readers tell.
type reading struct{ r *Registry }

// Describe implements prometheus.Collector.
func (c reading) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.r.gauges {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c reading) Collect(ch chan<- prometheus.Metric) {
	c.r.mu.Lock()
	readers := slices.Clone(c.r.readers)
	c.r.mu.Unlock()
	for _, read := range readers {
		read(func(m *Metric, value float64, labels ...string) {
			v, err := prometheus.NewConstMetric(c.r.gauges[m], prometheus.GaugeValue, value, labels...)
			if err != nil { // a label that is no text
				v = prometheus.NewInvalidMetric(c.r.gauges[m], err)
			}
			ch <- v
		})
	}
}
