/**
 * A registry of npm's kind on a free port of loopback, where anybody may publish this package, and that is asked for any
 * other hands it on from the registry behind it. Says its address as JSON, and ends when its standard input does: with
 * whoever started it.
 *
 *   node serve.mjs WHERE-VERDACCIO-IS SETTINGS     settings: { own, storage, behind, proxy? }, as JSON
 */
import { createRequire } from 'node:module';

const [, , place = '', settings = ''] = process.argv;
const { own, storage, behind, proxy } = JSON.parse(settings);
const { runServer } = createRequire(`${place}/`)('verdaccio');

const server = await runServer({
  self_path: storage,
  storage,
  web: { enable: false },
  auth: {},
  uplinks: { behind: { url: behind, ...proxy, timeout: '60s', max_fails: 10 } },
  packages: {
    // Ours is never asked for elsewhere: what has its name there is not what is rehearsed.
    [own]: { access: '$all', publish: '$all' },
    '**': { access: '$all', proxy: 'behind' },
  },
  max_body_size: '50mb',
  log: { type: 'stdout', format: 'pretty', level: 'http' },
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${port}/` }));
});

process.stdin.on('end', () => process.exit()).resume();
