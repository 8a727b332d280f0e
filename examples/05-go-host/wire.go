package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Request is what a decision is made of. Policy and Status stay as they are: what they mean is not this program's business.
type Request struct {
	Policy json.RawMessage `json:"policy"`
	Status json.RawMessage `json:"status,omitempty"`
	Event  Event           `json:"event"`
	Now    time.Time       `json:"now"`
}

// Event is one of those of restart-policy, by its tag. What belongs to another tag is left out.
type Event struct {
	Tag             string    `json:"_tag"`
	Instance        *Instance `json:"instance,omitempty"`
	Attempt         *int64    `json:"attempt,omitempty"`
	Salt            uint32    `json:"salt,omitempty"`
	AttemptUnderWay bool      `json:"attemptUnderWay,omitempty"`
}

// Instance is what the hypervisor sees. A nil time or exit code is sent as null, which says that it is not known.
type Instance struct {
	State     string     `json:"state"`
	StartedAt *time.Time `json:"startedAt"`
	StoppedAt *time.Time `json:"stoppedAt"`
	ExitCode  *int64     `json:"exitCode"`
	Health    string     `json:"health"`
	Cause     string     `json:"cause,omitempty"`
	Salt      uint32     `json:"salt,omitempty"`
}

// Answer is a decision, or says what is wrong with the request.
type Answer struct {
	Changed    bool            `json:"changed"`
	Status     json.RawMessage `json:"status"`
	Actions    []Action        `json:"actions"`
	Reason     string          `json:"reason"`
	NextWakeAt *time.Time      `json:"next_wake_at"`
	Errors     Problems        `json:"errors,omitempty"`
}

// Action is "Start" or "Restart", which is a stop and a start.
type Action struct {
	Tag     string `json:"_tag"`
	Attempt int64  `json:"attempt"`
}

// Problem is one thing that is wrong. Its message is for people, and begins with the path.
type Problem struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Problems are all that is wrong with a request, at once.
type Problems []Problem

func (problems Problems) Error() string {
	messages := make([]string, len(problems))
	for i, problem := range problems {
		messages[i] = problem.Message
	}
	return strings.Join(messages, "; ")
}

// blockedReason is the one thing that this program reads in a status.
func blockedReason(status json.RawMessage) (string, error) {
	var read struct {
		BlockedReason string `json:"blocked_reason"`
	}
	if len(status) == 0 {
		return "", nil
	}
	if err := json.Unmarshal(status, &read); err != nil {
		return "", fmt.Errorf("a status that cannot be read: %w", err)
	}
	return read.BlockedReason, nil
}
