/** Whatever the tests start and write lives in one directory; when they are over, nothing of it may live. */
import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endAll, living } from '../../scripts/left-behind.mjs';

/** Vitest's own, which it ends after us. */
const isWorker = ({ command }: { readonly command: string }): boolean => command.includes('/vitest/dist/workers/');

export default (): (() => Promise<void>) | undefined => {
  // Once, though each project of vitest.config.ts asks for it.
  if (process.env['TESTS_LIVE_IN'] !== undefined) return undefined;
  // Short: the path of a unix socket has 107 bytes at most.
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 't-')));
  // The database runs as another user.
  chmodSync(directory, 0o755);
  process.env['TESTS_LIVE_IN'] = directory;
  process.env['TMPDIR'] = directory;
  const left = () => living(directory).filter((one) => !isWorker(one));
  return async () => {
    // What was told to end takes a moment, such as the compiler of a fixture.
    for (let looks = 0; looks < 50 && left().length > 0; looks++) await sleep(100);
    const late = left();
    endAll(late);
    rmSync(directory, { recursive: true, force: true });
    if (late.length === 0) return;
    for (const { pid, command } of late) console.error(`left behind: process ${pid}, ${command}`);
    // An error that is thrown here would be printed, and pass.
    process.exitCode = 1;
  };
};
