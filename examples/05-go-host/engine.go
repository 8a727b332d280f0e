package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/dop251/goja"
)

// dist/engine.js of the package restart-policy, of the version that this program was built with.
//
//go:generate cp ../../dist/engine.js engine.js
//go:embed engine.js
var engineScript string

// Decider decides. It may be called from any number of goroutines.
type Decider interface {
	Decide(Request) (Answer, error)
}

// Engine is the script in one goja runtime. A runtime is for one goroutine at a time, so each decision holds the mutex; a
// decision takes some hundred microseconds, and a host that makes thousands a second has a pool of these instead. The script
// keeps the policies that it has read, by their text.
type Engine struct {
	mutex  sync.Mutex
	decide func(text string) (string, error)
}

// NewEngine runs the script once. goja must be of August 2024 or later: an older one lacks BigInt.
func NewEngine() (*Engine, error) {
	return newEngine(engineScript)
}

func newEngine(script string) (*Engine, error) {
	runtime := goja.New()
	if _, err := runtime.RunScript("engine.js", script); err != nil {
		return nil, fmt.Errorf("engine.js does not run in this goja, which may be too old: %w", err)
	}
	found := runtime.Get("RestartPolicy")
	if found == nil {
		return nil, errors.New("engine.js has not set RestartPolicy")
	}
	decideJSON, isFunction := goja.AssertFunction(found.ToObject(runtime).Get("decideJson"))
	if !isFunction {
		return nil, errors.New("RestartPolicy has no decideJson")
	}
	return &Engine{decide: func(text string) (string, error) {
		answered, err := decideJSON(found, runtime.ToValue(text))
		if err != nil {
			return "", err
		}
		return answered.String(), nil
	}}, nil
}

// Decide asks the script. A request that is wrong is an error of type Problems.
func (engine *Engine) Decide(request Request) (Answer, error) {
	return decideWith(request, func(text string) (string, error) {
		engine.mutex.Lock()
		defer engine.mutex.Unlock()
		return engine.decide(text)
	})
}

func decideWith(request Request, decide func(text string) (string, error)) (Answer, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return Answer{}, fmt.Errorf("a request that is no JSON: %w", err)
	}
	answered, err := decide(string(text))
	if err != nil {
		return Answer{}, fmt.Errorf("engine.js: %w", err)
	}
	var answer Answer
	if err := json.Unmarshal([]byte(answered), &answer); err != nil {
		return Answer{}, fmt.Errorf("engine.js answered something else: %w", err)
	}
	if len(answer.Errors) > 0 {
		return Answer{}, answer.Errors
	}
	return answer, nil
}
