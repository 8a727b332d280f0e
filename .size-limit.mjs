/**
 * What an entry may cost a host: minified, gzipped, without the peers.
 *
 * @param {string} name
 * @param {string} entry
 * @param {string} limit
 * @param {string} [names] what is imported of it, and the rest must be shaken off; without it, all that it exports
 */
const budget = (name, entry, limit, names) => ({
  name,
  path: `dist/${entry}.js`,
  ...(names === undefined ? {} : { import: names }),
  limit,
  gzip: true,
  modifyEsbuildConfig: (/** @type {import('esbuild').BuildOptions} */ options) => ({
    ...options,
    // The entry as the module that it is: in a script nothing would be exported, and all of it shaken off.
    format: 'esm',
    platform: 'node',
    // It warns that chunks without side effects are dropped, which is what they are for.
    logLevel: 'error',
  }),
});

export default [
  budget('core, the decision alone', 'index', '2.6 kB', '{ decide }'),
  budget('core, what a decision takes', 'index', '2.75 kB', '{ decide, nextWakeAt, initialStatus, observed }'),
  budget('core', 'index', '5.85 kB'),
  budget('codec', 'codec', '8.35 kB'),
  budget('controller', 'controller', '20.5 kB'),
  budget('promises', 'promises', '21.4 kB'),
  budget('hypeman', 'hypeman', '8.9 kB'),
  budget('describe', 'describe', '6.3 kB'),
  // As it is shipped: minified, and with all that it needs.
  ...[false, true].map((gzip) => ({
    name: gzip ? 'engine, gzipped' : 'engine',
    path: 'dist/engine.js',
    limit: gzip ? '6.9 kB' : '16 kB',
    // Neither is asked for by default: brotli is.
    ...(gzip ? { gzip } : { brotli: false }),
  })),
  budget('simulate, without pictures', 'simulate', '11 kB', '{ simulate, crashLoop }'),
  budget('simulate', 'simulate', '18.9 kB'),
  budget('translate, of one system', 'translate', '4.3 kB', '{ fromDocker }'),
  budget('translate', 'translate', '30 kB'),
  budget('history', 'history', '6.3 kB'),
  budget('metrics', 'metrics', '3.6 kB'),
  budget('testing', 'testing', '23.8 kB'),
  budget('testing/explore', 'testing/explore', '30.6 kB'),
  budget('adapters/hypeman', 'adapters/hypeman', '4.7 kB'),
  budget('adapters/memory', 'adapters/memory', '1.1 kB'),
  budget('adapters/permitted', 'adapters/permitted', '0.5 kB'),
  budget('adapters/postgres', 'adapters/postgres', '20.9 kB'),
  budget('adapters/process', 'adapters/process', '18.7 kB'),
  budget('adapters/qemu', 'adapters/qemu', '22 kB'),
  budget('adapters/shared-process', 'adapters/shared-process', '19.1 kB'),
  budget('adapters/sqlite', 'adapters/sqlite', '15.1 kB'),
  budget('adapters/system-clock', 'adapters/system-clock', '0.4 kB'),
  budget('the command line, with all it needs', 'cli/bin', '160 kB'),
];
