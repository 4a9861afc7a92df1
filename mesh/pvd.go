package mesh

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// Snapshot is a VTU file of a series, its path as seen from the PVD file.
type Snapshot struct {
	Time float64
	File string
}

// WritePVD writes the file that makes ParaView show VTU files as a series in time.
func WritePVD(w io.Writer, series []Snapshot) error {
	for i, s := range series {
		if s.File == "" {
			return fmt.Errorf("mesh: PVD: snapshot %d has no file", i)
		}
		if s.Time-s.Time != 0 || i > 0 && s.Time <= series[i-1].Time {
			return fmt.Errorf("mesh: PVD: snapshot %d is at time %g: times are finite and rise", i, s.Time)
		}
	}
	b := bufio.NewWriter(w)
	fmt.Fprint(b, `<?xml version="1.0"?>
<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">
<Collection>
`)
	for _, s := range series {
		fmt.Fprintf(b, `<DataSet timestep="%s" part="0" file="%s"/>`+"\n", strconv.FormatFloat(s.Time, 'g', -1, 64), escape(s.File))
	}
	fmt.Fprint(b, "</Collection>\n</VTKFile>\n")
	return b.Flush()
}
