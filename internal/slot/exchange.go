package slot

// Exchange says how a slot writes and reads bundles.
type Exchange struct {
	// An output may hold so many buffers of so many bytes in the scratch directory before it is held back: so many for each of its
	// partitions, and at least so many altogether. Zero is the default of each.
	BufferBytes, BuffersPerPartition, MinBuffers int64
	// MaxPageBytes bounds a page of rendered rows; zero: no limit.
	MaxPageBytes int64
	// Readers is how many ranged reads an input makes at a time; FilesPerRead and ReadBytes bound how much one of them brings, in
	// partition files and in bytes. Zero is the default of each.
	Readers, FilesPerRead int
	ReadBytes             int64
}

// Defaults of Exchange.
const (
	defaultBufferBytes         = 4 << 20
	defaultBuffersPerPartition = 2
	defaultMinBuffers          = 10
)

// poolBytes is how much of an output the scratch directory may hold, and how much it has to have room for: what cannot be sent yet.
func (e Exchange) poolBytes(partitions int32) (pool, least int64) {
	n := int64(max(partitions, 1))
	buffers := max(n*orDefault(e.BuffersPerPartition, defaultBuffersPerPartition), orDefault(e.MinBuffers, defaultMinBuffers))
	least = 4 * n * streamStep
	return max(buffers*orDefault(e.BufferBytes, defaultBufferBytes), least), least
}

func orDefault(v, fallback int64) int64 {
	if v == 0 {
		return fallback
	}
	return v
}
