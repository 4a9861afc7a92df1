package dataio

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// ReadNPZ reads all arrays of a NumPy npz archive, in the order stored, whether
// stored plainly or deflated. Entries that are not npy arrays are an error.
func ReadNPZ(path string) ([]*Array, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	arrays, err := readNPZ(f, size)
	if err != nil {
		return nil, fmt.Errorf("dataio: %s: %w", path, err)
	}
	return arrays, nil
}

func readNPZ(f io.ReaderAt, size int64) ([]*Array, error) {
	entries, err := npzEntries(f, size)
	if err != nil {
		return nil, err
	}
	var arrays []*Array
	for _, e := range entries {
		a, err := readEntry(e, size)
		if err != nil {
			return nil, err
		}
		arrays = append(arrays, a)
	}
	return arrays, nil
}

// readTableNPZ reads the one array of an archive, or the one named x.
func readTableNPZ(f *os.File, size int64) (*Array, error) {
	entries, err := npzEntries(f, size)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if names = append(names, arrayName(e)); names[len(names)-1] == "x" || len(entries) == 1 {
			return readEntry(e, size)
		}
	}
	return nil, fmt.Errorf("holds the arrays %s and none named x; write the table as numpy.savez(file, x=table)", list(names))
}

func arrayName(e *zip.File) string { return strings.TrimSuffix(e.Name, ".npy") }

// npzEntries opens the archive and checks what its directory claims.
func npzEntries(f io.ReaderAt, size int64) ([]*zip.File, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("not an npz (zip) archive, or a damaged one: %w; write it with numpy.savez", err)
	}
	if len(z.File) == 0 {
		return nil, errors.New("the archive is empty; write arrays to it with numpy.savez")
	}
	seen := map[string]bool{}
	for _, e := range z.File {
		if seen[e.Name] {
			return nil, fmt.Errorf("array %q stands twice; write the file again", arrayName(e))
		}
		seen[e.Name] = true
	}
	return z.File, nil
}

// maxInflate is the most bytes one byte of deflated data can become: a match
// of 258 bytes coded in two bits.
const maxInflate = 1032

// checkEntry compares the sizes an entry claims (zip64 or not) with the file's.
func checkEntry(e *zip.File, size int64) error {
	packed, plain := e.CompressedSize64, e.UncompressedSize64
	switch {
	case !strings.HasSuffix(e.Name, ".npy"):
		return errors.New("not an npy array; write the archive with numpy.savez")
	case e.Flags&1 != 0:
		return errors.New("encrypted; write it without a password")
	case e.Method != zip.Store && e.Method != zip.Deflate:
		return fmt.Errorf("compression method %d is not known; write it with numpy.savez or numpy.savez_compressed", e.Method)
	case packed > uint64(size), e.Method == zip.Store && packed != plain, e.Method == zip.Deflate && plain/maxInflate > packed:
		return fmt.Errorf("claims %d bytes packed and %d unpacked, which a file of %d bytes cannot hold; it is damaged", packed, plain, size)
	}
	return nil
}

func readEntry(e *zip.File, size int64) (*Array, error) {
	if err := checkEntry(e, size); err != nil {
		return nil, fmt.Errorf("array %q: %w", arrayName(e), err)
	}
	r, err := e.Open()
	if err != nil {
		return nil, fmt.Errorf("array %q: %w; the archive is damaged", arrayName(e), err)
	}
	defer r.Close()
	a, err := readNPY(r, int64(e.UncompressedSize64))
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", arrayName(e), err)
	}
	a.Name = arrayName(e)
	return a, nil
}

// WriteNPZ writes arrays as an npz archive, stored without compression. The
// bytes depend on the arrays alone.
func WriteNPZ(w io.Writer, arrays []*Array) error {
	z := NewNPZWriter(w)
	for _, a := range arrays {
		if err := z.Write(a); err != nil {
			return err
		}
	}
	return z.Close()
}
