/** What containers of these tests run in: busybox, and nothing from anywhere else. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../place.js';

/** Answers with the file that is to be imported. */
export const writeImage = (place: Place): string => {
  const [image, archive] = ['image', 'image.tar'].map((name) => join(place.directory, name)) as [string, string];
  mkdirSync(join(image, 'bin'), { recursive: true });
  const script = 'cp "$(command -v busybox)" bin/busybox; for name in sh sleep; do ln -s busybox bin/$name; done';
  execFileSync('/bin/sh', ['-ec', `${script}; tar -c -f "$0" .`, archive], { cwd: image });
  return archive;
};
