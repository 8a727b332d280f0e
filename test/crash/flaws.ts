/**
 * Flaws that the crash test has to find, or its silence would mean nothing.
 */
import type { Flaw } from './bundle.js';

export const flaws = {
  'the stop is forgotten once it is carried out': {
    file: 'src/controller/commands.ts',
    sound: 'return right({ revision }); // 6\n    }',
    flawed: 'await undo.run();\n      return right({ revision });\n    }',
  },
  'an attempt is started without being counted': {
    file: 'src/controller/commit.ts',
    sound: 'await context.ports.save(id, { policy, status }, expected)',
    flawed: 'await context.ports.save(id, { policy, status: actions.length > 0 ? before : status }, expected)',
  },
  'a start does not ask its permit': {
    file: 'src/controller/permits.ts',
    sound: 'record.value.revision === revision && record.value.status.blockedReason === null',
    flawed: 'revision > 0',
  },
  'a stop is acknowledged before the instance is gone': {
    file: 'src/adapters/process/hypervisor.ts',
    sound: 'return tellToEnd(run);',
    flawed: 'void tellToEnd(run);\n    return done;',
  },
  'the guardian does not end what its host left behind': {
    file: 'src/adapters/process/guardian.ts',
    sound: 'read -r _ && exit 0',
    flawed: 'read -r _; exit 0',
  },
} as const satisfies Readonly<Record<string, Flaw>>;
