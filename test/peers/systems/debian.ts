/** The version of a program that does not tell it: that of its package. */
import { execFileSync } from 'node:child_process';

/** Without what Debian adds to it. */
export const versionOfPackage = (name: string): string => {
  try {
    const [, version = ''] = execFileSync('dpkg-query', ['--show', name], { encoding: 'utf8' }).trim().split('\t');
    return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
  } catch {
    return 'unknown';
  }
};
