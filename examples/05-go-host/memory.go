package main

import (
	"encoding/json"
	"errors"
	"sync"
	"time"
)

// MemoryStore forgets everything when the program ends: only for showing.
type MemoryStore struct {
	mutex   sync.Mutex
	records map[string]Record
	last    uint64
}

// NewMemoryStore has one record for each of the ids.
func NewMemoryStore(policy json.RawMessage, ids ...string) *MemoryStore {
	store := &MemoryStore{records: map[string]Record{}}
	for _, id := range ids {
		store.last++
		store.records[id] = Record{Policy: policy, Revision: store.last}
	}
	return store
}

func (store *MemoryStore) Load(id string) (Record, error) {
	store.mutex.Lock()
	defer store.mutex.Unlock()
	record, isThere := store.records[id]
	if !isThere {
		return Record{}, errors.New("there is no record of " + id)
	}
	return record, nil
}

func (store *MemoryStore) Save(id string, record Record, expected uint64) (uint64, error) {
	store.mutex.Lock()
	defer store.mutex.Unlock()
	if store.records[id].Revision != expected {
		return 0, ErrConflict
	}
	store.last++
	record.Revision = store.last
	store.records[id] = record
	return record.Revision, nil
}

// PretendedHypervisor runs nothing, and keeps to the contract all the same.
type PretendedHypervisor struct {
	clock     Clock
	mutex     sync.Mutex // the section of all its instances
	instances map[string]Instance
	starts    int
	fail      error // what each start fails with; nil: it succeeds
}

func NewPretendedHypervisor(clock Clock) *PretendedHypervisor {
	return &PretendedHypervisor{clock: clock, instances: map[string]Instance{}}
}

func (hypervisor *PretendedHypervisor) Inspect(id string) (Instance, error) {
	hypervisor.mutex.Lock()
	defer hypervisor.mutex.Unlock()
	return hypervisor.seen(id), nil
}

func (hypervisor *PretendedHypervisor) seen(id string) Instance {
	if instance, isThere := hypervisor.instances[id]; isThere {
		return instance
	}
	return Instance{State: "stopped", Health: "unknown"}
}

func (hypervisor *PretendedHypervisor) Start(id string, permit Permit) error {
	hypervisor.mutex.Lock()
	defer hypervisor.mutex.Unlock()
	if hypervisor.seen(id).State == "running" {
		return nil
	}
	if err := permit(); err != nil {
		return err
	}
	if hypervisor.fail != nil {
		return hypervisor.fail
	}
	now := hypervisor.clock()
	hypervisor.starts++
	hypervisor.instances[id] = Instance{State: "running", StartedAt: &now, Health: "unknown"}
	return nil
}

func (hypervisor *PretendedHypervisor) Stop(id string, permit Permit) error {
	hypervisor.mutex.Lock()
	defer hypervisor.mutex.Unlock()
	if err := permit(); err != nil {
		return err
	}
	hypervisor.end(id, nil)
	return nil
}

// Crash ends a run by itself.
func (hypervisor *PretendedHypervisor) Crash(id string, code int64) {
	hypervisor.mutex.Lock()
	defer hypervisor.mutex.Unlock()
	hypervisor.end(id, &code)
}

func (hypervisor *PretendedHypervisor) end(id string, code *int64) {
	instance := hypervisor.seen(id)
	if instance.State != "running" {
		return
	}
	now := hypervisor.clock()
	instance.State, instance.StoppedAt, instance.ExitCode = "stopped", &now, code
	hypervisor.instances[id] = instance
}

// SetClock is a clock that stands still until it is set.
type SetClock struct {
	mutex sync.Mutex
	now   time.Time
}

func (clock *SetClock) Now() time.Time {
	clock.mutex.Lock()
	defer clock.mutex.Unlock()
	return clock.now
}

func (clock *SetClock) Set(now time.Time) {
	clock.mutex.Lock()
	defer clock.mutex.Unlock()
	clock.now = now
}
