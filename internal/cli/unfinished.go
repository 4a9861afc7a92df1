package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"time"

	"abide/dataio"
	"abide/pde"
)

// unfinished are the samples of a data set in the making: a line of JSON that says
// which, then a record of float64 for each sample, its arrays and the residual of
// every row (−1 where none was looked at). What a kill leaves of a last record is
// written over when the file is opened again, never cut off: of two calls that write
// the same set, each writes the same bytes at the same places, and none takes from the
// other what it counts on.
type unfinished struct {
	file   *os.File
	out    *bufio.Writer
	path   string
	head   int64 // bytes of the first line
	size   int   // numbers of a record
	count  int   // records
	buffer []byte
	synced time.Time
}

// unfinishedHead is what makes samples the same. Their number is not: a longer set
// begins with a shorter one.
type unfinishedHead struct {
	Schema     string      `json:"schema"`
	Family     string      `json:"family"`
	Parameters pde.Values  `json:"parameters"`
	Seed       uint64      `json:"seed"`
	First      int         `json:"first"`
	Check      int         `json:"check"`
	Arrays     []pde.Array `json:"arrays"`
}

func openUnfinished(path, family string, values pde.Values, f pde.Family, d dataFlags) (*unfinished, error) {
	head, err := json.Marshal(unfinishedHead{"abide.data.unfinished/1", family, values, d.seed, d.first, d.check, f.Arrays()})
	if err != nil {
		return nil, err
	}
	head = append(head, '\n')
	u := &unfinished{path: path, head: int64(len(head)), size: len(f.Rows()), synced: time.Now()}
	for _, a := range f.Arrays() {
		u.size += a.Size()
	}
	u.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if err := u.recover(head); err != nil {
		u.file.Close()
		return nil, err
	}
	u.out = bufio.NewWriterSize(u.file, 1<<20)
	return u, nil
}

// recover finds the whole records of a file of the same settings.
func (u *unfinished) recover(head []byte) error {
	info, err := u.file.Stat()
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	got := make([]byte, min(info.Size(), u.head)) // less than a first line is what a kill may leave
	if _, err := io.ReadFull(u.file, got); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if !bytes.HasPrefix(head, got) {
		return usage(fmt.Errorf("data: %s holds unfinished samples of other settings: finish them with their own call, remove the file, or name another with --out", u.path))
	}
	if info.Size() < u.head {
		if _, err := u.file.WriteAt(head, 0); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	} else {
		u.count = int((info.Size() - u.head) / int64(8*u.size))
	}
	_, err = u.file.Seek(u.head+int64(u.count)*int64(8*u.size), io.SeekStart)
	return err
}

// agrees makes the last sample that is there again and compares it to the last bit:
// a set is not continued by a program, or on a machine, that makes other ones.
func (u *unfinished) agrees(ctx context.Context, family pde.Family, d dataFlags) error {
	if u.count == 0 {
		return nil
	}
	at := d.first + u.count - 1
	s, err := family.Draw(ctx, d.seed, at)
	if err != nil {
		return err
	}
	u.encode(s, nil)
	got := make([]byte, 8*(u.size-len(family.Rows())))
	if _, err := u.file.ReadAt(got, u.head+int64(u.count-1)*int64(8*u.size)); err != nil {
		return fmt.Errorf("data: %s: %w", u.path, err)
	}
	if !bytes.Equal(got, u.buffer) {
		return fmt.Errorf("data: sample %d in %s is not the one that is made now: another version of the program or another machine made it, or the file is damaged; remove it to begin again, or name another with --out", at, u.path)
	}
	return nil
}

// encode writes the numbers of a record to the buffer.
func (u *unfinished) encode(s pde.Sample, worst []float64) {
	u.buffer = u.buffer[:0]
	for _, x := range append(slices.Clone(s), worst) {
		for _, v := range x {
			u.buffer = binary.LittleEndian.AppendUint64(u.buffer, math.Float64bits(v))
		}
	}
}

// append adds a sample; every few seconds what is there reaches the disk.
func (u *unfinished) append(s pde.Sample, worst []float64) error {
	u.encode(s, worst)
	for len(u.buffer) < 8*u.size {
		u.buffer = binary.LittleEndian.AppendUint64(u.buffer, math.Float64bits(-1))
	}
	if _, err := u.out.Write(u.buffer); err != nil {
		return fmt.Errorf("data: %s: %w", u.path, err)
	}
	u.count++
	if time.Since(u.synced) > checkpointEvery {
		u.synced = time.Now()
		return u.flush()
	}
	return nil
}

func (u *unfinished) flush() error {
	if err := u.out.Flush(); err != nil {
		return fmt.Errorf("data: %s: %w", u.path, err)
	}
	return nil
}

// close keeps the file, unless nothing is in it or it was finished.
func (u *unfinished) close() {
	u.file.Close()
	if u.count == 0 {
		os.Remove(u.path)
	}
}

// numbers reads the numbers [from, to) of the first n records, piece by piece.
func (u *unfinished) numbers(n, from, to int, put func([]float64) error) error {
	bytes := make([]byte, 8*(to-from))
	x := make([]float64, to-from)
	for i := range n {
		if _, err := u.file.ReadAt(bytes, u.head+8*(int64(i)*int64(u.size)+int64(from))); err != nil {
			return err
		}
		for k := range x {
			x[k] = math.Float64frombits(binary.LittleEndian.Uint64(bytes[8*k:]))
		}
		if err := put(x); err != nil {
			return err
		}
	}
	return nil
}

// samples are the first n, whole.
func (u *unfinished) samples(family pde.Family, n int) ([]pde.Sample, error) {
	var out []pde.Sample
	err := u.flush()
	if err == nil {
		err = u.numbers(n, 0, u.size-len(family.Rows()), func(x []float64) error {
			var s pde.Sample
			for _, a := range family.Arrays() {
				s = append(s, slices.Clone(x[:a.Size()]))
				x = x[a.Size():]
			}
			out = append(out, s)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("data: %s: %w", u.path, err)
	}
	return out, nil
}

// finish writes the npz file and its json, and removes the unfinished one, unless it
// has more samples than were asked for: those of a longer call, which may go on.
func (u *unfinished) finish(family pde.Family, f dataFlags, d *dataSummary) error {
	rows := len(family.Rows())
	worst := make([]float64, rows)
	err := u.numbers(f.n, u.size-rows, u.size, func(x []float64) error {
		if rows == 0 || x[0] == -1 {
			return nil
		}
		d.Checked++
		for i, v := range x {
			if v > worst[i] || math.IsNaN(v) {
				worst[i] = v
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("data: %s: %w", u.path, err)
	}
	d.File = f.out
	d.describe(family, f.keep, worst)
	err = dataio.WriteFile(f.out, func(w io.Writer) error {
		z := dataio.NewNPZWriter(w)
		at := 0
		for _, a := range family.Arrays() {
			from, to := at, at+a.Size()
			at = to
			if !slices.Contains(f.keep, a.Name) {
				continue
			}
			err := z.Pieces(a.Name, append([]int{f.n}, a.Shape...), f.single, func(put func([]float64) error) error {
				return u.numbers(f.n, from, to, put)
			})
			if err != nil {
				return err
			}
		}
		if err := writeDataMesh(z, family, d); err != nil {
			return err
		}
		return z.Close()
	})
	if err != nil {
		return err
	}
	if err := writeJSONFile(besideData(f.out), d); err != nil {
		return err
	}
	if u.count > f.n {
		return nil
	}
	if err := os.Remove(u.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}
