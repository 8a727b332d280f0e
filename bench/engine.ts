/**
 * The decision from JSON text to JSON text, as a host that is not JavaScript has it: in QuickJS (compiled to WebAssembly here, which
 * is slower than a QuickJS of the machine's own) and in Node, with a policy that was read before and with one that was not.
 */
import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { getQuickJS } from 'quickjs-emscripten';
import { engineText } from '../scripts/engine.mjs';
import { type Effort, timesOf } from './measure.js';

export interface EngineCost {
  readonly engine: 'QuickJS' | 'Node';
  /** Microseconds per decision. */
  readonly cached: number;
  readonly decoded: number;
}

export interface EngineCosts {
  /** Of the script, in bytes. */
  readonly size: number;
  readonly gzipped: number;
  readonly perDecision: ReadonlyArray<EngineCost>;
}

const decisions = 200;

/** So many that none of them is still kept when its turn comes again. */
const policies = 1_000;

const requestOf = (policy: number): string =>
  JSON.stringify({
    policy: { policy: 'on_failure', backoff: `${policy + 5}s`, max_attempts: 5, stable_after: '10m0s' },
    status: { attempts: 2, last_attempt_at: '2026-01-05T12:00:00Z', next_attempt_at: '2026-01-05T12:00:05Z' },
    event: {
      _tag: 'Observed',
      instance: {
        state: 'stopped',
        startedAt: '2026-01-05T12:00:00Z',
        stoppedAt: '2026-01-05T12:00:01Z',
        exitCode: 1,
        health: 'unknown',
      },
    },
    now: '2026-01-05T12:00:02.5Z',
  });

/** Decides so often, and answers with the last answer: the loop is the engine's own, so that no call from outside is measured. */
const program = `
  const requests = Array.from({ length: ${policies} }, (_, n) => requestOf(n));
  let next = 0;
  globalThis.decideCached = () => { let a; for (let n = 0; n < ${decisions}; n++) a = RestartPolicy.decideJson(requests[0]); return a; };
  globalThis.decideDecoded = () => { let a; for (let n = 0; n < ${decisions}; n++) a = RestartPolicy.decideJson(requests[next++ % ${policies}]); return a; };
  ''`;

export const measureEngine = async (effort: Effort): Promise<EngineCosts> => {
  const engine = await engineText();
  const script = `${engine}\nconst requestOf = ((requests) => (n) => requests[n])(${JSON.stringify(
    Array.from({ length: policies }, (_, n) => requestOf(n)),
  )});${program}`;

  const sandbox = createContext({});
  runInContext(script, sandbox);
  const inNode = (name: string): unknown => runInContext(`${name}()`, sandbox);

  const quickJs = (await getQuickJS()).newContext();
  const inQuickJs = (text: string): string => {
    const value = quickJs.unwrapResult(quickJs.evalCode(text));
    const answer = quickJs.getString(value);
    value.dispose();
    return answer;
  };
  inQuickJs(script);

  for (const name of ['decideCached', 'decideDecoded']) {
    if (inNode(name) !== inQuickJs(`${name}()`) || !inQuickJs(`${name}()`).includes('waiting_for_backoff')) {
      throw new Error('the engines decide differently');
    }
  }
  const times = timesOf(
    [
      { items: decisions, run: () => inQuickJs('decideCached()') },
      { items: decisions, run: () => inQuickJs('decideDecoded()') },
      { items: decisions, run: () => inNode('decideCached') },
      { items: decisions, run: () => inNode('decideDecoded') },
    ],
    effort,
  ).map((nanos) => nanos / 1_000);
  quickJs.dispose();
  const [quickCached = Number.NaN, quickDecoded = Number.NaN, nodeCached = Number.NaN, nodeDecoded = Number.NaN] =
    times;
  return {
    size: Buffer.byteLength(engine),
    gzipped: gzipSync(engine, { level: 9 }).length,
    perDecision: [
      { engine: 'QuickJS', cached: quickCached, decoded: quickDecoded },
      { engine: 'Node', cached: nodeCached, decoded: nodeDecoded },
    ],
  };
};
