package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// viaNode is for where goja is too old: the same script in Node, a line for each request, so that all but goja is tried.
type viaNode struct {
	answers *bufio.Scanner
	send    func(line string) error
}

const lines = `
(0, eval)(require('fs').readFileSync('engine.js', 'utf8'));
require('readline').createInterface({ input: process.stdin })
  .on('line', (line) => console.log(RestartPolicy.decideJson(line)));`

func (node *viaNode) Decide(request Request) (Answer, error) {
	return decideWith(request, func(text string) (string, error) {
		if err := node.send(text); err != nil {
			return "", err
		}
		if !node.answers.Scan() {
			return "", errors.New("node has ended")
		}
		return node.answers.Text(), nil
	})
}

// testDecider is the engine in goja; where that is too old, in Node, and it says so.
func testDecider(t *testing.T) Decider {
	engine, err := NewEngine()
	if err == nil {
		t.Log("the script runs in goja")
		return engine
	}
	if os.Getenv("GOJA") == "required" {
		t.Fatal(err)
	}
	path, notFound := exec.LookPath("node")
	if notFound != nil {
		t.Skip("SKIPPED, neither in goja nor in Node:", err)
	}
	t.Log("NOT IN GOJA, but in Node:", err)
	command := exec.Command(path, "-e", lines)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		if err := command.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &viaNode{answers: bufio.NewScanner(output), send: func(line string) error {
		_, err := input.Write([]byte(line + "\n"))
		return err
	}}
}

func readVectors(t *testing.T, name string, into interface{}) {
	directory := os.Getenv("VECTORS")
	if directory == "" {
		directory = filepath.Join("..", "..", "vectors", "conformance")
	}
	text, err := os.ReadFile(filepath.Join(directory, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestEveryStepOfEveryTraceIsDecidedAsItIsWrittenDown(t *testing.T) {
	var traces []struct {
		Name   string
		Policy json.RawMessage
		Status json.RawMessage
		Steps  []struct {
			Now    time.Time
			Event  Event
			Policy json.RawMessage
			Expect Answer
		}
	}
	readVectors(t, "traces.json", &traces)
	decider := testDecider(t)
	steps := 0
	for _, trace := range traces {
		policy, status := trace.Policy, trace.Status
		for _, step := range trace.Steps {
			if step.Policy != nil {
				policy = step.Policy
			}
			answer, err := decider.Decide(Request{Policy: policy, Status: status, Event: step.Event, Now: step.Now})
			if err != nil {
				t.Fatalf("%s: %v", trace.Name, err)
			}
			if !reflect.DeepEqual(plain(t, answer), plain(t, step.Expect)) {
				t.Fatalf("%s at %s: %s, not %s", trace.Name, step.Now, plain(t, answer), plain(t, step.Expect))
			}
			status = answer.Status
			steps++
		}
	}
	if steps < 700 {
		t.Fatalf("only %d steps", steps)
	}
}

// plain is an answer without the white space and the order of fields.
func plain(t *testing.T, answer Answer) interface{} {
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var value interface{}
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAPolicyThatIsRefusedIsToldInTheWordsOfTheLibrary(t *testing.T) {
	var policies []struct {
		Name   string
		Input  json.RawMessage
		Errors Problems
	}
	readVectors(t, "policies.json", &policies)
	decider := testDecider(t)
	for _, policy := range policies {
		_, err := decider.Decide(Request{Policy: policy.Input, Event: Event{Tag: "ManualStart"}, Now: time.Unix(0, 0)})
		var problems Problems
		errors.As(err, &problems)
		if !reflect.DeepEqual(problems, policy.Errors) {
			t.Errorf("%s: %v, not %v", policy.Name, problems, policy.Errors)
		}
	}
}

// A script that any goja runs stands for the engine: what is tried is how it is embedded.
const inES5 = `var RestartPolicy = { decideJson: function (text) {
  var request = JSON.parse(text);
  if (request.event._tag === 'Throw') throw new Error('thrown');
  if (request.event._tag === 'Wrong') return '{"errors":[{"path":"event","message":"event is wrong"}]}';
  return JSON.stringify({ changed: false, status: request.status, actions: [], reason: request.event._tag, next_wake_at: request.now });
} };`

func TestAScriptIsEmbedded(t *testing.T) {
	engine, err := newEngine(inES5)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	ask := func(tag string) (Answer, error) {
		return engine.Decide(Request{Policy: json.RawMessage(`{}`), Status: json.RawMessage(`{"attempts":1}`), Event: Event{Tag: tag}, Now: now})
	}
	done := make(chan error)
	for i := 0; i < 8; i++ {
		go func() {
			answer, err := ask("Reset")
			if err == nil && (answer.Reason != "Reset" || !answer.NextWakeAt.Equal(now) || string(answer.Status) != `{"attempts":1}`) {
				err = errors.New("another answer: " + answer.Reason)
			}
			done <- err
		}()
	}
	for i := 0; i < 8; i++ {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err := ask("Throw"); err == nil || !strings.Contains(err.Error(), "thrown") {
		t.Errorf("what the script throws is not told: %v", err)
	}
	if _, err := ask("Wrong"); err == nil || err.Error() != "event is wrong" {
		t.Errorf("what is wrong is not told: %v", err)
	}
	for _, script := range []string{"var = 1", "1", "RestartPolicy = {}"} {
		if _, err := newEngine(script); err == nil {
			t.Errorf("%q is taken for the engine", script)
		}
	}
}
