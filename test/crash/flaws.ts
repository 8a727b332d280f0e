/**
 * Flaws that the crash test has to find, or its silence would mean nothing.
 */
import { type Edit, inFunction } from '../../scripts/anchors.mjs';

export const flaws = {
  'the stop is forgotten once it is carried out': inFunction('src/controller/commands/stop.ts', 'stopBy').replace(
    'return right({ revision });',
    'await undo.run(); return right({ revision });',
  ),
  'an attempt is started without being counted': inFunction('src/controller/commit.ts', 'persist').replace(
    '{ policy, status }, expected',
    '{ policy, status: actions.length > 0 ? before : status }, expected',
  ),
  'an automatic start does not ask its permit': inFunction('src/controller/permits.ts', 'attemptPermit').replace(
    'isAt(record, revision) && record.value.status.blockedReason === null',
    'record._tag !== undefined',
  ),
  'a stop is acknowledged before the instance is gone': inFunction(
    'src/adapters/process/hypervisor.ts',
    'stop',
  ).replace(/return (\w+\(run, permit\.signal\));/, 'void $1; return done;'),
  'the guardian does not end what its host left behind': inFunction(
    'src/adapters/process/guardian.ts',
    'script',
  ).replace('read -r _ && exit 0', 'read -r _; exit 0'),
} as const satisfies Readonly<Record<string, Edit>>;
