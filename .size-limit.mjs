/**
 * What an entry may cost a host: minified, gzipped, without the peers. Each budget has about a tenth in reserve.
 *
 * @param {string} name
 * @param {string} entry
 * @param {string} limit
 * @param {string} [names] what is imported of it; the rest must be shaken off
 */
const budget = (name, entry, limit, names = '*') => ({
  name,
  path: `dist/${entry}.js`,
  import: names,
  limit,
  gzip: true,
  // It warns that chunks without side effects are dropped, which is what they are for.
  modifyEsbuildConfig: (/** @type {import('esbuild').BuildOptions} */ options) => ({ ...options, logLevel: 'error' }),
});

export default [
  budget('core, what a decision takes', 'index', '1.75 kB', '{ decide, nextWakeAt, initialStatus, observed }'),
  budget('core', 'index', '4.4 kB'),
  budget('codec', 'codec', '4.5 kB'),
  budget('controller', 'controller', '6.5 kB'),
  budget('hypeman', 'hypeman', '6 kB'),
  budget('adapters/hypeman', 'adapters/hypeman', '3.2 kB'),
  budget('adapters/memory', 'adapters/memory', '0.6 kB'),
  budget('adapters/postgres', 'adapters/postgres', '10 kB'),
  budget('adapters/sqlite', 'adapters/sqlite', '5.7 kB'),
  budget('adapters/system-clock', 'adapters/system-clock', '0.3 kB'),
];
