package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"abide/dataio"
	"abide/report"
	"abide/run"
	"abide/train"
)

// trainingLog writes down the curve of a training as it goes. The curve stands
// beside the training's checkpoint, so that a training that was stopped, even
// killed, goes on with the same curve; a folder, where one is wanted, gets it as
// curve.csv and as events for TensorBoard.
type trainingLog struct {
	folder string // where curve, events and page go; empty: to base, or nowhere
	base   string // name of the folder where none is given; numbered

	every time.Duration // least time between two checkpoints

	path   string // of the curve in the cache
	points []report.TrainingPoint
	cache  *os.File
	csv    *os.File
	file   *os.File
	events *dataio.EventWriter
	begin  time.Time // of this part of a resumed training
	before float64   // seconds of its earlier parts
}

// logHeader is the first line of the curve in the cache.
type logHeader struct {
	Schema string `json:"schema"`
	Folder string `json:"folder"` // absolute; empty where there is none
}

const logSchema = "abide.curve/1"

const curveName, eventsPattern = "curve.csv", "events.out.tfevents.*.abide"

// open continues the curve kept beside a checkpoint up to its step, or starts a
// new one where that is negative. Either way the folder is that of the unfinished
// training, where one was killed before.
func (l *trainingLog) open(checkpoint string, step int) (err error) {
	path := strings.TrimSuffix(checkpoint, ".safetensors") + ".jsonl"
	var header logHeader
	header, l.points = readCurve(path, step)
	if l.folder == "" && l.base != "" {
		if l.folder = header.Folder; !isTrainingFolder(l.folder) {
			l.folder = run.Next(l.base)
		}
	}
	if header.Folder, err = filepath.Abs(l.folder); err != nil || l.folder == "" {
		header.Folder = ""
	}
	err = dataio.WriteFile(path, func(w io.Writer) error {
		if err := writeLine(w, header); err != nil {
			return err
		}
		for _, p := range l.points {
			if err := writeLine(w, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.path = path
	if l.cache, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return fmt.Errorf("curve of the training: %w", err)
	}
	if n := len(l.points); n > 0 {
		l.before = l.points[n-1].Seconds
	}
	l.begin = time.Now()
	return l.openFolder()
}

// openFolder writes the curve so far into the folder, over what an earlier
// training or an earlier part of it left there.
func (l *trainingLog) openFolder() (err error) {
	if l.folder == "" {
		return nil
	}
	if files, err := os.ReadDir(l.folder); err == nil && len(files) > 0 && !isTrainingFolder(l.folder) {
		return fmt.Errorf("%s is there already and is no folder of a training: name another with --log", l.folder)
	}
	if err := os.MkdirAll(l.folder, 0o755); err != nil {
		return fmt.Errorf("making the folder of the training: %w: name another place with --log", err)
	}
	old, _ := filepath.Glob(filepath.Join(l.folder, eventsPattern))
	for _, name := range append(old, filepath.Join(l.folder, trainingPageName), filepath.Join(l.folder, trainingJSONName)) {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("folder of the training: %w", err)
		}
	}
	start := unixSeconds(l.begin)
	if len(l.points) > 0 {
		start = l.points[0].Time
	}
	if l.csv, err = os.Create(filepath.Join(l.folder, curveName)); err != nil {
		return fmt.Errorf("folder of the training: %w", err)
	}
	if l.file, err = os.Create(filepath.Join(l.folder, dataio.EventFileName(start))); err != nil {
		return fmt.Errorf("folder of the training: %w", err)
	}
	if _, err := fmt.Fprintln(l.csv, "step,loss,heldout_loss,learning_rate,gradient_norm,examples_per_second,seconds"); err != nil {
		return fmt.Errorf("folder of the training: %w", err)
	}
	if l.events, err = dataio.NewEventWriter(l.file, start); err != nil {
		return err
	}
	for _, p := range l.points {
		if err := l.show(p); err != nil {
			return err
		}
	}
	return nil
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// isTrainingFolder knows the folder of a training by its curve.
func isTrainingFolder(folder string) bool {
	if folder == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, curveName))
	return err == nil
}

// add notes what a training reports.
func (l *trainingLog) add(at train.Progress) error {
	now := time.Now()
	p := report.TrainingPoint{
		Step: at.Step, Loss: at.Loss, Heldout: at.Heldout,
		LearningRate: at.LearningRate, GradientNorm: at.GradientNorm,
		PerSecond: at.Speed, Seconds: l.before + now.Sub(l.begin).Seconds(), Time: unixSeconds(now),
	}
	l.points = append(l.points, p)
	if err := writeLine(l.cache, p); err != nil {
		return fmt.Errorf("curve of the training: %w", err)
	}
	if l.events == nil {
		return nil
	}
	return l.show(p)
}

// show appends a point to the files of the folder.
func (l *trainingLog) show(p report.TrainingPoint) error {
	row := strconv.Itoa(p.Step)
	for _, v := range []float64{p.Loss, p.Heldout, p.LearningRate, p.GradientNorm, p.PerSecond, p.Seconds} {
		row += ","
		if !math.IsNaN(v) {
			row += strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	if _, err := fmt.Fprintln(l.csv, row); err != nil {
		return fmt.Errorf("folder of the training: %w", err)
	}
	var scalars []dataio.Scalar
	for _, s := range []struct {
		tag   string
		value float64
	}{
		{"loss/training", p.Loss}, {"loss/held-out", p.Heldout}, {"learning rate", p.LearningRate},
		{"gradient norm", p.GradientNorm}, {"examples per second", p.PerSecond},
	} {
		if !math.IsNaN(s.value) {
			scalars = append(scalars, dataio.Scalar{Tag: s.tag, Value: s.value})
		}
	}
	return l.events.Scalars(p.Time, p.Step, scalars)
}

func (l *trainingLog) close() {
	for _, f := range []*os.File{l.cache, l.csv, l.file} {
		if f != nil {
			f.Close()
		}
	}
}

// finish drops the curve in the cache: the training is done, and its folder has it.
func (l *trainingLog) finish() { os.Remove(l.path) }

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// readCurve reads the points of a kept curve up to a step. What cannot be read,
// such as half a line that a kill left, ends it; a curve is not worth a training.
func readCurve(path string, step int) (header logHeader, points []report.TrainingPoint) {
	b, err := os.ReadFile(path)
	if err != nil {
		return logHeader{Schema: logSchema}, nil
	}
	return parseCurve(b, step)
}

func parseCurve(b []byte, step int) (header logHeader, points []report.TrainingPoint) {
	lines := bufio.NewScanner(bytes.NewReader(b))
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &header) != nil || header.Schema != logSchema {
		return logHeader{Schema: logSchema}, nil
	}
	last := 0
	for lines.Scan() {
		var p report.TrainingPoint
		if json.Unmarshal(lines.Bytes(), &p) != nil || p.Step <= last || p.Step > step {
			break
		}
		last = p.Step
		points = append(points, p)
	}
	return header, points
}
