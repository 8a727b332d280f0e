/**
 * dist/engine.js as it is built, in QuickJS: an engine that has nothing of Node.
 */
import { getQuickJS, type QuickJSContext, type QuickJSRuntime } from 'quickjs-emscripten';
import { engineText } from '../../scripts/engine.mjs';

export interface Embedded {
  readonly decideJson: (text: string) => string;
  readonly normalizePolicyJson: (text: string) => string;
  readonly explainReason: (reason: string) => string;
  /** How many bytes of memory are in use. */
  readonly memory: () => number;
  /** The answer of any program, as text. */
  readonly run: (program: string) => string;
  readonly dispose: () => void;
}

/** As a host would embed it: the script is run once, and its functions are called with text. `before` runs before it. */
export const embed = async (before = ''): Promise<Embedded> => {
  const runtime: QuickJSRuntime = (await getQuickJS()).newRuntime();
  // Less than what WebAssembly has: QuickJS is to notice it first, as it does where it is embedded.
  runtime.setMaxStackSize(200_000);
  const context: QuickJSContext = runtime.newContext();
  const run = (program: string): string => {
    const value = context.unwrapResult(context.evalCode(program));
    const text = context.getString(value);
    value.dispose();
    return text;
  };
  run(before);
  run(await engineText());
  const call = (name: string, text: string): string => {
    const object = context.getProp(context.global, 'RestartPolicy');
    const called = context.getProp(object, name);
    const given = context.newString(text);
    const answer = context.unwrapResult(context.callFunction(called, object, given));
    const answered = context.getString(answer);
    for (const handle of [answer, given, called, object]) handle.dispose();
    return answered;
  };
  return {
    decideJson: (text) => call('decideJson', text),
    normalizePolicyJson: (text) => call('normalizePolicyJson', text),
    explainReason: (reason) => call('explainReason', reason),
    memory: () => {
      const usage = runtime.computeMemoryUsage();
      const { memory_used_size: used } = context.dump(usage);
      usage.dispose();
      return used;
    },
    run,
    dispose: () => {
      context.dispose();
      runtime.dispose();
    },
  };
};
