/**
 * Lets plain node run this project's TypeScript: `node --import ./scripts/typescript.mjs FILE ARG...`.
 *
 * No second process and no bundle: signals, standard streams, arguments and the exit code are the program's own.
 */
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./typescript-hooks.mjs', import.meta.url);
