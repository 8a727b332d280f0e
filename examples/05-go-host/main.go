package main

import (
	"encoding/json"
	"fmt"
	"log"
	"time"
)

// A crash loop, and a person who ends it, in pretended time.
func main() {
	engine, err := NewEngine()
	if err != nil {
		log.Fatal(err)
	}
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	clock := &SetClock{now: begin}
	policy := json.RawMessage(`{"policy":"always","backoff":"1s","max_backoff":"30s"}`)
	hypervisor := NewPretendedHypervisor(clock.Now)
	host := &Host{
		Decider:    engine,
		Store:      NewMemoryStore(policy, "web-1"),
		Hypervisor: hypervisor,
		Clock:      clock.Now,
	}
	tell := func(what string) { fmt.Printf("%6s  %s\n", clock.Now().Sub(begin), what) }

	if err := host.Start("web-1"); err != nil {
		log.Fatal(err)
	}
	tell("a person starts web-1")
	for crash := 0; crash < 6; crash++ {
		clock.Set(clock.Now().Add(200 * time.Millisecond))
		hypervisor.Crash("web-1", 1)
		tell("it crashes")
		// Until it runs again: then the next look is far, or never.
		for runs := hypervisor.starts; hypervisor.starts == runs; {
			wakeAt, err := host.Reconcile("web-1")
			if err != nil {
				log.Fatal(err)
			}
			if hypervisor.starts == runs && wakeAt != nil {
				clock.Set(*wakeAt)
			}
		}
		tell("it is started again")
	}
	if err := host.Stop("web-1"); err != nil {
		log.Fatal(err)
	}
	clock.Set(clock.Now().Add(24 * time.Hour))
	if _, err := host.Reconcile("web-1"); err != nil {
		log.Fatal(err)
	}
	instance, _ := hypervisor.Inspect("web-1")
	tell("a day after a person stopped it, it is " + instance.State)
}
