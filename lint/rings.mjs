/**
 * The import rule of ARCHITECTURE.md, for dependency-cruiser. It reads off the tree what there is, so a new file or folder
 * needs no line here. Patterns are regular expressions over paths; $1 is the first group of `from`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { bundled } from '../scripts/bin.mjs';
import { entries } from '../scripts/entries.mjs';

const source = new URL('../src/', import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

/** @type {(pattern: RegExp) => ReadonlyArray<string>} what it captures of the files' paths, each once */
const captured = (pattern) => [...new Set(files.flatMap((path) => pattern.exec(path)?.[1] ?? []))];
/** @type {(...names: ReadonlyArray<string>) => string} x.ts and x/ */
const faceAndInside = (...names) => `^src/(?:${names.join('|')})(?:\\.ts$|/)`;
/** @type {(...names: ReadonlyArray<string>) => string} all of src but x.ts and x/ */
const allBut = (...names) => `^src/(?!(?:${names.join('|')})(?:\\.ts$|/))`;
/** @type {(name: string) => boolean} whether a file of the adapter imports one of adapters/linux */
const buildsOnLinux = (name) =>
  files
    .filter((path) => path === `${name}.ts` || path.startsWith(`${name}/`))
    .some((path) => / from '\.\.?\/linux\//.test(readFileSync(new URL(path, source), 'utf8')));

const coreNames = captured(/^([^/]+)\.ts$/).filter((name) => !(name in entries));
const onLinux = ['adapters/linux', ...captured(/^(adapters\/[^/.]+)/).filter(buildsOnLinux)];
const faces = captured(/^(.+)\.ts$/).filter((name) => files.some((path) => path.startsWith(`${name}/`)));

const core = faceAndInside(...coreNames);
const ports = '^src/ports/';
const common = '^src/adapters/(?:common/|permitted\\.ts$)';
const linux = '^src/adapters/linux/';
const own = '^src/$1(?:\\.ts$|/)';
const fpTs = '^node_modules/fp-ts/lib/';
const node = `^(?:${builtinModules.join('|')})$`;

/** Who may import what; each file of src is in one ring. The comment is what the linter says of an import beyond `may`. */
const rings = [
  {
    name: 'core',
    comment: 'The core (src/index.ts, and every src/*.ts that is no entry of its own) imports itself.',
    from: `^src/index\\.ts$|${core}`,
    may: [core],
  },
  {
    name: 'codec',
    comment: 'The codecs import the core and io-ts.',
    from: '^src/(codec)(?:\\.ts$|/)',
    may: [core, own, '^node_modules/io-ts/lib/'],
  },
  {
    name: 'ports',
    comment: 'The ports import the core and each other; no implementation stands beside them.',
    from: ports,
    may: [core, ports],
  },
  {
    name: 'controller',
    comment: 'The controller imports the core and the ports; the adapters are handed to it.',
    from: '^src/(controller)(?:\\.ts$|/)',
    may: [core, ports, own],
  },
  {
    name: 'promises',
    comment: 'The entry with Promises imports the core and the face of the controller.',
    from: '^src/(promises)(?:\\.ts$|/)',
    may: [core, '^src/controller\\.ts$', own],
  },
  {
    name: 'history',
    comment: 'A history imports the core, the ports and the face of the controller.',
    from: '^src/(history)(?:\\.ts$|/)',
    may: [core, ports, '^src/controller\\.ts$', own],
  },
  {
    name: 'metrics',
    comment: 'The metrics import the core, the ports and the face of the controller (its types).',
    from: '^src/(metrics)(?:\\.ts$|/)',
    may: [core, ports, '^src/controller\\.ts$', own],
  },
  {
    name: 'common',
    comment: 'What all adapters share imports the core and the ports; records are read by src/wire.ts, without io-ts.',
    from: common,
    may: [core, ports, common],
  },
  {
    name: 'linux',
    comment: 'What the Linux adapters share imports the core, the ports, adapters/common, node:* and koffi.',
    from: linux,
    may: [core, ports, common, linux, node, '^node_modules/koffi/'],
  },
  {
    name: 'adapter',
    comment:
      'An adapter imports the core, the ports, adapters/common, adapters/linux and the mappings of its own name: no other ' +
      'adapter, no controller, and no driver, which the host hands to it.',
    from: '^src/adapters/(?!(?:common|linux)/|permitted\\.ts$)([^/.]+)',
    may: [core, ports, common, linux, '^src/(?:adapters/)?$1(?:\\.ts$|/)', node],
  },
  {
    name: 'testing',
    comment: 'What harnesses import stands on the library: it runs under any test runner, and anywhere.',
    from: '^src/testing(?:\\.ts$|/(?!explore|arbitraries))',
    may: [allBut(...onLinux, 'cli', 'testing/explore', 'testing/arbitraries')],
  },
  {
    name: 'explore',
    comment:
      'The explorer imports the library and node:async_hooks; no adapter: its world must not share their faults.',
    from: faceAndInside('testing/explore'),
    may: [allBut('adapters', 'cli', 'testing/arbitraries'), '^async_hooks$'],
  },
  {
    name: 'arbitraries',
    comment: 'The arbitraries import the library and fast-check.',
    from: faceAndInside('testing/arbitraries'),
    may: [allBut(...onLinux, 'cli', 'testing/explore'), '^node_modules/fast-check/'],
  },
  {
    name: 'mappings',
    comment: 'An entry on top of the core imports the core; what is on the wire is read by src/wire.ts, without io-ts.',
    from: `${allBut('index', 'codec', 'controller', 'promises', 'history', 'metrics', 'testing', 'ports', 'adapters', 'cli', ...coreNames)}([^/.]+)`,
    may: [core, own],
  },
  {
    name: 'cli',
    comment: 'The command line stands on top of the library, node:*, and what the bin bundles; nobody imports it.',
    from: '^src/cli/',
    may: ['^src/(?!testing(?:\\.ts$|/))', node, `^node_modules/(?:${bundled.join('|')})/`],
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...rings.map(({ name, comment, from, may }) => ({
      name,
      comment,
      from: { path: from },
      to: { pathNot: [...may, fpTs] },
    })),
    {
      name: 'fp-ts',
      comment:
        'Of fp-ts the types alone (import type): its modules are most of what an import would cost. What is used of it at ' +
        'run time stands in src/either.ts, option.ts, non-empty-array.ts and function.ts.',
      from: {},
      to: { path: fpTs, dependencyTypesNot: [/** @type {const} */ ('type-only')] },
    },
    {
      name: 'node',
      comment: 'node:* is for adapters/linux and the adapters that build on it; the others run anywhere.',
      from: { path: '^src/adapters/', pathNot: faceAndInside(...onLinux) },
      to: { path: node },
    },
    ...faces.map((name) => ({
      name: 'inside',
      comment: 'x.ts is the face of x: nobody but x.ts and x/ imports from x/ (and the adapter of the name x).',
      from: { pathNot: faceAndInside(name, `adapters/${name}`) },
      to: { path: `^src/${name}/` },
    })),
    {
      name: 'circle',
      comment: 'Imports make no circle; one of types counts too.',
      from: {},
      to: { circular: true },
    },
  ].map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: '^node_modules/' },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    // Where node_modules is a link, too, what is in it is node_modules/*.
    preserveSymlinks: true,
  },
};
