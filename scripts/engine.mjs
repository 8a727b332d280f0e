/**
 * Builds dist/engine.js, the decision for hosts that are not JavaScript: one script without imports, in ES2020, which is the
 * first with BigInt, which Go's int64 takes. dist/engine.cjs is the same file under the name by which `require` finds it.
 *
 *   node scripts/engine.mjs [DIRECTORY]     after tsup, which empties dist; another directory is for tests
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** @type {(file: string) => string} */
const beside = (file) => fileURLToPath(new URL(file, import.meta.url));

const ecma = 2020;

// ---------------------------------------------------------------------------
// names
// ---------------------------------------------------------------------------

/**
 * What the fields of a policy are called on the wire. The script has no other names for them, so that nothing has to be renamed
 * when it reads and writes, and what is wrong is told under the names that its writer knows.
 *
 * @type {Record<string, string>}
 */
const wireNames = {
  mode: 'policy',
  maxAttempts: 'max_attempts',
  stableAfter: 'stable_after',
  maxBackoff: 'max_backoff',
  backoffFactor: 'backoff_factor',
  backoffFrom: 'backoff_from',
  limitInterval: 'limit_interval',
  startTimeout: 'start_timeout',
  exitCodes: 'exit_codes',
};

/** Names that never leave it, of which one letter is left. The fields of a status get other ones as it is read and written. */
const inside = [
  ...['lastAttemptAt', 'nextAttemptAt', 'blockedReason', 'lastReason', 'recentAttempts'],
  ...['key', 'given', 'known', 'value'],
];

/** @type {import('esbuild').Plugin} */
const wireNamesInQuotes = {
  name: 'wire names in quotes',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replace(/'(\w+)'/g, (quoted, name) =>
        Object.hasOwn(wireNames, name) ? `'${wireNames[name]}'` : quoted,
      ),
    })),
};

/** The language's own names cannot be shortened where they stand: what is called often is called by a name of the script's. */
const builtIns = beside('./engine-built-ins.mjs');
const shorter = Object.fromEntries(
  [...readFileSync(builtIns, 'utf8').matchAll(/const \{ (.*) \} = (\w+);/g)].flatMap(([, names = '', owner = '']) =>
    names
      .split(', ')
      .map((name) => name.split(': '))
      .map(([long, short = '']) => [`${owner}.${long}`, short]),
  ),
);

// ---------------------------------------------------------------------------
// build
// ---------------------------------------------------------------------------

/** @type {() => Promise<string>} */
export const engineText = async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/engine.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    charset: 'utf8',
    target: `es${ecma}`,
    legalComments: 'none',
    define: { packageVersion: JSON.stringify(version), ...shorter },
    inject: [builtIns],
    mangleProps: new RegExp(`^(?:${[...Object.keys(wireNames), ...inside].join('|')})$`),
    mangleCache: wireNames,
    plugins: [wireNamesInQuotes],
  });
  // Once more, by one that knows more ways. No getter of anyone's is ever read; a function that is called once stays where it
  // is, for within another it would be made anew at each call.
  const { code = '' } = await minify(/** @type {{ text: string }} */ (outputFiles[0]).text, {
    ecma,
    toplevel: true,
    compress: { passes: 3, inline: 2, pure_getters: true, reduce_funcs: false },
  });
  return code;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await engineText();
  const directory = process.argv[2] ?? join(root, 'dist');
  for (const extension of ['js', 'cjs']) writeFileSync(join(directory, `engine.${extension}`), text);
}
