package main

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

var policy = json.RawMessage(`{"policy":"always","backoff":"5s"}`)

// world is a host with one instance, which a person has started.
type world struct {
	*Host
	clock      *SetClock
	store      *watchedStore
	hypervisor *PretendedHypervisor
}

// watchedStore lets something happen before a save, once.
type watchedStore struct {
	*MemoryStore
	beforeSave func()
	saves      int
}

func (store *watchedStore) Save(id string, record Record, expected uint64) (uint64, error) {
	if before := store.beforeSave; before != nil {
		store.beforeSave = nil
		before()
	}
	revision, err := store.MemoryStore.Save(id, record, expected)
	if err == nil {
		store.saves++
	}
	return revision, err
}

func newWorld(t *testing.T) world {
	clock := &SetClock{now: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)}
	store := &watchedStore{MemoryStore: NewMemoryStore(policy, "web-1")}
	hypervisor := NewPretendedHypervisor(clock.Now)
	made := world{
		Host:       &Host{Decider: testDecider(t), Store: store, Hypervisor: hypervisor, Clock: clock.Now},
		clock:      clock,
		store:      store,
		hypervisor: hypervisor,
	}
	if err := made.Start("web-1"); err != nil {
		t.Fatal(err)
	}
	return made
}

func (made world) crash() {
	made.clock.Set(made.clock.Now().Add(time.Second))
	made.hypervisor.Crash("web-1", 1)
}

func (made world) reconcile(t *testing.T) *time.Time {
	wakeAt, err := made.Reconcile("web-1")
	if err != nil {
		t.Fatal(err)
	}
	return wakeAt
}

func (made world) expect(t *testing.T, state string, starts int) {
	t.Helper()
	instance, _ := made.hypervisor.Inspect("web-1")
	if instance.State != state || made.hypervisor.starts != starts {
		t.Fatalf("%s after %d starts, not %s after %d", instance.State, made.hypervisor.starts, state, starts)
	}
}

func (made world) status(t *testing.T) (status struct {
	Attempts      int64
	BlockedReason string `json:"blocked_reason"`
}) {
	record, err := made.store.Load("web-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(record.Status, &status); err != nil {
		t.Fatal(err)
	}
	return status
}

func TestACrashIsAnsweredByOneStartAndTheNextOneWaitsForTheBackoff(t *testing.T) {
	made := newWorld(t)
	made.crash()
	made.reconcile(t)
	made.expect(t, "running", 2)
	made.crash()
	wakeAt := made.reconcile(t)
	made.expect(t, "stopped", 2)
	if wakeAt == nil || wakeAt.Sub(made.clock.Now()) != 4*time.Second {
		t.Fatalf("it wakes at %v", wakeAt)
	}
	made.clock.Set(*wakeAt)
	made.reconcile(t)
	made.expect(t, "running", 3)
}

func TestAnAttemptIsCountedBeforeItIsMade(t *testing.T) {
	made := newWorld(t)
	made.crash()
	made.hypervisor.fail = errors.New("no memory")
	counted := int64(-1)
	made.Hypervisor = beforeStart{made.hypervisor, func() {
		counted = made.status(t).Attempts
		made.clock.Set(made.clock.Now().Add(2 * time.Second))
	}}
	// From when it failed, not from when it was decided.
	if wakeAt := made.reconcile(t); wakeAt == nil || wakeAt.Sub(made.clock.Now()) != 5*time.Second {
		t.Fatalf("after the failed start it wakes at %v", wakeAt)
	}
	if counted != 1 {
		t.Fatalf("%d attempts are counted when the first one is made", counted)
	}
	made.expect(t, "stopped", 1)
}

// beforeStart lets something happen between the save of an attempt and its start.
type beforeStart struct {
	*PretendedHypervisor
	happens func()
}

func (hypervisor beforeStart) Start(id string, permit Permit) error {
	hypervisor.happens()
	return hypervisor.PretendedHypervisor.Start(id, permit)
}

func TestAStopBetweenTheSaveAndTheStartWins(t *testing.T) {
	made := newWorld(t)
	made.crash()
	another := &Host{Decider: made.Decider, Store: made.store, Hypervisor: made.hypervisor, Clock: made.clock.Now}
	made.Hypervisor = beforeStart{made.hypervisor, func() {
		if err := another.Stop("web-1"); err != nil {
			t.Fatal(err)
		}
	}}
	if wakeAt := made.reconcile(t); wakeAt != nil {
		t.Fatalf("what a person stopped wakes at %v", wakeAt)
	}
	made.expect(t, "stopped", 1)
	if blocked := made.status(t).BlockedReason; blocked != "manual_stop" {
		t.Fatalf("it is blocked by %q", blocked)
	}
}

func TestAStopBetweenTheDecisionAndTheSaveWins(t *testing.T) {
	made := newWorld(t)
	made.crash()
	another := &Host{Decider: made.Decider, Store: made.store, Hypervisor: made.hypervisor, Clock: made.clock.Now}
	made.store.beforeSave = func() {
		if err := another.Stop("web-1"); err != nil {
			t.Fatal(err)
		}
	}
	made.reconcile(t)
	made.expect(t, "stopped", 1)
}

func TestAPersonsWordIsANewRevisionAlsoWhereNothingChanges(t *testing.T) {
	made := newWorld(t)
	for i := 0; i < 2; i++ {
		before := made.store.saves
		if err := made.Stop("web-1"); err != nil {
			t.Fatal(err)
		}
		if made.store.saves != before+1 {
			t.Fatalf("stop %d was saved %d times", i+1, made.store.saves-before)
		}
	}
}

func TestAStopThatMeetsAnotherSaveIsRecordedAllTheSame(t *testing.T) {
	made := newWorld(t)
	made.store.beforeSave = func() {
		record, _ := made.store.Load("web-1")
		if _, err := made.store.Save("web-1", record, record.Revision); err != nil {
			t.Fatal(err)
		}
	}
	if err := made.Stop("web-1"); err != nil {
		t.Fatal(err)
	}
	made.expect(t, "stopped", 1)
	if blocked := made.status(t).BlockedReason; blocked != "manual_stop" {
		t.Fatalf("it is blocked by %q", blocked)
	}
}

func TestWhatRunsAlthoughAPersonStoppedItIsStopped(t *testing.T) {
	made := newWorld(t)
	record, _ := made.store.Load("web-1")
	record.Status = json.RawMessage(`{"attempts":0,"blocked_reason":"manual_stop"}`)
	if _, err := made.store.Save("web-1", record, record.Revision); err != nil {
		t.Fatal(err)
	}
	made.reconcile(t)
	made.expect(t, "stopped", 1)
}

func TestWhatCannotBeReadIsAnErrorAndNothingIsDone(t *testing.T) {
	made := newWorld(t)
	record, _ := made.store.Load("web-1")
	record.Policy = json.RawMessage(`{"policy":"sometimes"}`)
	if _, err := made.store.Save("web-1", record, record.Revision); err != nil {
		t.Fatal(err)
	}
	made.crash()
	var problems Problems
	if _, err := made.Reconcile("web-1"); !errors.As(err, &problems) {
		t.Fatalf("it is answered with %v", err)
	}
	made.expect(t, "stopped", 1)
}
