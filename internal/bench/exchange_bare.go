package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/waterbear-sql/waterbear/internal/engine"
	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/exchange/store"
)

// bare moves the bytes of a shuffle as they are: to the storage and back in objects of the size of its parts, one request for each, as many
// at a time as the exchange has; and to a file on the local disk and back.
type bare struct {
	driver store.Store // with nothing around it
	prefix string
	part   int64
	disk   string // a file
	parts  []int64
}

// putsAtATime is how many parts of an object writers send at a time, and fill meanwhile.
const putsAtATime = 3

// put writes the files to the storage.
func (b *bare) put(ctx context.Context, files []engine.ParquetFile) error {
	in, err := openAll(files)
	if err != nil {
		return err
	}
	defer in.Close()
	free := make(chan []byte, putsAtATime)
	for range putsAtATime {
		free <- make([]byte, b.part)
	}
	g, ctx := errgroup.WithContext(ctx)
	for n := 0; ; n++ {
		var buf []byte
		select {
		case buf = <-free:
		case <-ctx.Done():
			return g.Wait()
		}
		filled, err := io.ReadFull(in, buf)
		if filled > 0 {
			b.parts = append(b.parts, int64(filled))
			g.Go(func() error {
				defer func() { free <- buf }()
				return store.Put(ctx, b.driver, b.key(n), buf[:filled], store.CreateOptions{})
			})
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return errors.Join(err, g.Wait())
		}
	}
}

func (b *bare) key(n int) string { return fmt.Sprintf("%sbare/%d", b.prefix, n) }

// get reads them into a file in memory, as unpacking does.
func (b *bare) get(ctx context.Context) error {
	f, err := memoryFile()
	if err != nil {
		return err
	}
	defer f.Close()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(exchange.DefaultParallel)
	for n, size := range b.parts {
		g.Go(func() error {
			r, err := b.driver.Open(ctx, b.key(n), 0, size)
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.CopyBuffer(io.NewOffsetWriter(f, int64(n)*b.part), struct{ io.Reader }{r}, make([]byte, 256<<10))
			return err
		})
	}
	return g.Wait()
}

// copyOut copies the files into one on the local disk.
func (b *bare) copyOut(files []engine.ParquetFile) error {
	in, err := openAll(files)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(b.disk)
	if err != nil {
		return err
	}
	return errors.Join(copyPlainly(out, in), out.Close())
}

// copyBack reads that one into memory, and removes it.
func (b *bare) copyBack() error {
	in, err := os.Open(b.disk)
	if err != nil {
		return err
	}
	defer in.Close()
	f, err := memoryFile()
	if err != nil {
		return err
	}
	defer f.Close()
	return errors.Join(copyPlainly(f, in), os.Remove(b.disk))
}

// copyPlainly copies through a buffer of the size that the exchange uses, and lets the system take no short cut.
func copyPlainly(w io.Writer, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, make([]byte, 256<<10))
	return err
}

// concatenated are files as one.
type concatenated struct {
	io.Reader
	files []*os.File
}

func openAll(files []engine.ParquetFile) (*concatenated, error) {
	c := &concatenated{}
	var readers []io.Reader
	for _, f := range files {
		r, err := os.Open(filepath.Clean(f.Path))
		if err != nil {
			c.Close()
			return nil, err
		}
		c.files, readers = append(c.files, r), append(readers, r)
	}
	c.Reader = io.MultiReader(readers...)
	return c, nil
}

// Close implements io.Closer.
func (c *concatenated) Close() error {
	var errs []error
	for _, f := range c.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
