package main

import (
	"encoding/json"
	"errors"
	"time"
)

// Record is all that is remembered of an instance.
type Record struct {
	Policy json.RawMessage
	Status json.RawMessage
	// Revision is another one after each save, and never comes back.
	Revision uint64
}

// ErrConflict says that the record is no longer the one that was loaded. Load it again, and decide again.
var ErrConflict = errors.New("the record has changed")

// ErrSuperseded says that the record is no longer the one that was acted for: nothing was done, and nothing has failed.
var ErrSuperseded = errors.New("superseded")

// Store keeps records. Save is a compare-and-set: in SQL, UPDATE … WHERE id = ? AND revision = ?, and ErrConflict where no row
// was touched.
type Store interface {
	Load(id string) (Record, error)
	Save(id string, record Record, expected uint64) (revision uint64, err error)
}

// Permit is asked directly before the irreversible step.
type Permit func() error

// Hypervisor runs instances. Start and Stop hold the section of the instance, which keeps both apart for everybody (a mutex where
// one process owns the instances, else flock or a fence); within it they ask the permit, act, and answer when it is done.
type Hypervisor interface {
	Inspect(id string) (Instance, error)
	Start(id string, permit Permit) error
	Stop(id string, permit Permit) error
}

// Clock is where now comes from, and startedAt and stoppedAt too.
type Clock func() time.Time
