/**
 * The version of the package. The bundle is as deep in it as this file is in the sources.
 */
import { readFileSync } from 'node:fs';

export const packageVersion = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
