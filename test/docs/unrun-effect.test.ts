/**
 * The lint rule that we ship sees an effect of the controller that nobody runs.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/testing.js';
import { controllerOf } from '../support/controller.js';
import { createHost } from '../support/host.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

const { clock, hypervisor } = createHost();
const methods = Object.keys(controllerOf({ store: createMemoryStore(), hypervisor, clock }));

const forgotten = [
  ...methods.filter((name) => name !== 'activity').map((name) => `controller.${name}('web-1');`),
  "await controller.manualStop('web-1');",
  "void controller.manualStop('web-1');",
  "controller?.manualStop('web-1');",
  "if (isOld) controller.manualStop('web-1');",
  "const later = async () => { await controller.manualStop('web-1'); };",
  'await host.controller.close();',
  'this.controller.close();',
  'await created.right.controller.close();',
  'await theController.close();',
];

const fine = [
  "controller.manualStop('web-1')();",
  "await controller.manualStop('web-1')();",
  'void controller.close()();',
  'controller.activity();',
  "const effect = controller.manualStop('web-1');",
  'await effect();',
  'const stop = (id: string) => controller.manualStop(id);',
  "const stopThat = () => { return controller.manualStop('web-1'); };",
  "pipe(controller.manualStop('web-1'), map(answer));",
  "await Promise.all([controller.manualStop('web-1')()]);",
  'await server.close();',
  'controllers.close();',
  "controller.statusOf('web-1');",
];

let directory = '';
let reported: ReadonlyArray<string> = [];

/** The lines in which the rule finds something. */
const linesReported = async (lines: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  directory = await mkdtemp(join(tmpdir(), 'restart-policy-unrun-'));
  const config = {
    root: true,
    plugins: [join(root, 'docs/unrun-effect.grit')],
    formatter: { enabled: false },
    assist: { enabled: false },
    linter: { rules: { preset: 'none' } },
  };
  await writeFile(join(directory, 'biome.json'), JSON.stringify(config));
  await writeFile(join(directory, 'program.ts'), `${lines.join('\n')}\n`);
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const output = await new Promise<string>((resolve) => {
    // It exits with 1 when it finds something.
    execFile(
      process.execPath,
      [biome, 'lint', '--reporter=github', '--max-diagnostics=none', '.'],
      { cwd: directory },
      (_, out, errors) => resolve(out + errors),
    );
  });
  if (/Failed to compile/.test(output)) throw new Error(output);
  return [...output.matchAll(/title=plugin,file=\S*?program\.ts,line=(\d+),/g)].map(
    ([, line]) => lines[Number(line) - 1] ?? '',
  );
};

beforeAll(async () => {
  reported = await linesReported([...forgotten, ...fine]);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the rule against effects that are not run', () => {
  test.each(forgotten)('reports %s', (line) => {
    expect(reported).toContain(line);
  });

  test.each(fine)('lets pass %s', (line) => {
    expect(reported).not.toContain(line);
  });
});
