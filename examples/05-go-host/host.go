// A host in Go that supervises instances by restart-policy: the decision is that of the JavaScript library, and what is around it
// is the host's own, as here. See docs/embedding.md.
package main

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Host does for its instances what a host has to do; the numbers are those of the list in ARCHITECTURE.md.
type Host struct {
	Decider    Decider
	Store      Store
	Hypervisor Hypervisor
	Clock      Clock

	lanes sync.Map // of *sync.Mutex: one thing at a time for each instance
}

// Reconcile looks at an instance and does what follows. It answers when to call it again; nil: when something happens. The host
// calls it at its start for every instance, at every notification, at that moment, and every so often regardless (5).
func (host *Host) Reconcile(id string) (*time.Time, error) {
	defer host.enter(id)()
	for {
		wakeAt, err := host.look(id)
		// Somebody else was quicker: what they saved is what counts (1).
		if errors.Is(err, ErrConflict) || errors.Is(err, ErrSuperseded) {
			continue
		}
		if err != nil || wakeAt != again {
			return wakeAt, err
		}
	}
}

// again: something was done, and is to be looked at.
var again = &time.Time{}

func (host *Host) look(id string) (*time.Time, error) {
	record, err := host.Store.Load(id)
	if err != nil {
		return nil, err
	}
	instance, err := host.Hypervisor.Inspect(id)
	if err != nil {
		return nil, err
	}
	blocked, err := blockedReason(record.Status)
	if err != nil {
		return nil, err
	}
	// What runs although a person stopped it is what a crash left half done (7).
	if blocked == "manual_stop" && (instance.State == "running" || instance.State == "initializing") {
		return again, host.Hypervisor.Stop(id, host.stillStopped(id))
	}
	answer, saved, err := host.decide(id, record, Event{Tag: "Observed", Instance: &instance})
	if err != nil {
		return nil, err
	}
	if len(answer.Actions) == 0 {
		return answer.NextWakeAt, nil
	}
	return again, host.attempt(id, saved, answer.Actions[0])
}

// decide saves a changed status before anything is done about it (2): an attempt is counted before it is made.
func (host *Host) decide(id string, record Record, event Event) (Answer, Record, error) {
	answer, err := host.Decider.Decide(Request{
		Policy: record.Policy,
		Status: record.Status,
		Event:  event,
		Now:    host.Clock(),
	})
	if err != nil {
		return Answer{}, Record{}, err
	}
	isPersons := event.Tag == "ManualStop" || event.Tag == "ManualStart"
	// A person's word is a new revision also where the status stays the same (4): whoever acts on the old one is superseded.
	if answer.Changed || isPersons {
		saved := Record{Policy: record.Policy, Status: answer.Status}
		if saved.Revision, err = host.Store.Save(id, saved, record.Revision); err != nil {
			return Answer{}, Record{}, err
		}
		record = saved
	}
	return answer, record, nil
}

func (host *Host) attempt(id string, record Record, action Action) error {
	permit := host.unchanged(id, record.Revision)
	err := error(nil)
	if action.Tag == "Restart" {
		err = host.Hypervisor.Stop(id, permit)
	}
	if err == nil {
		err = host.Hypervisor.Start(id, permit)
	}
	if err == nil || errors.Is(err, ErrSuperseded) {
		return err
	}
	// A failed attempt is told, unless the record is no longer of it (6).
	current, err := host.Store.Load(id)
	if err != nil {
		return err
	}
	if current.Revision != record.Revision {
		return nil
	}
	_, _, err = host.decide(id, current, Event{Tag: "AttemptFailed", Attempt: &action.Attempt})
	return err
}

// Stop is a person's. It is recorded first, whatever the policy: from then on nothing starts the instance (4).
func (host *Host) Stop(id string) error {
	defer host.enter(id)()
	if _, err := host.say(id, "ManualStop"); err != nil {
		return fmt.Errorf("it is not known whether the stop of %s is recorded: %w", id, err)
	}
	return host.Hypervisor.Stop(id, host.stillStopped(id))
}

// Start is a person's.
func (host *Host) Start(id string) error {
	defer host.enter(id)()
	record, err := host.say(id, "ManualStart")
	if err != nil {
		return err
	}
	return host.Hypervisor.Start(id, host.unchanged(id, record.Revision))
}

func (host *Host) say(id, word string) (Record, error) {
	for {
		record, err := host.Store.Load(id)
		if err != nil {
			return Record{}, err
		}
		_, saved, err := host.decide(id, record, Event{Tag: word})
		if !errors.Is(err, ErrConflict) {
			return saved, err
		}
	}
}

// unchanged permits what was decided on a revision, as long as it stands (3).
func (host *Host) unchanged(id string, revision uint64) Permit {
	return func() error {
		record, err := host.Store.Load(id)
		if err == nil && record.Revision != revision {
			err = ErrSuperseded
		}
		return err
	}
}

// stillStopped permits the stop of what a person stopped, unless a person has started it since.
func (host *Host) stillStopped(id string) Permit {
	return func() error {
		record, err := host.Store.Load(id)
		if err != nil {
			return err
		}
		blocked, err := blockedReason(record.Status)
		if err == nil && blocked != "manual_stop" {
			err = ErrSuperseded
		}
		return err
	}
}

func (host *Host) enter(id string) (leave func()) {
	lane, _ := host.lanes.LoadOrStore(id, &sync.Mutex{})
	lane.(*sync.Mutex).Lock()
	return lane.(*sync.Mutex).Unlock
}
