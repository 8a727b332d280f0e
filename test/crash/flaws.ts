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
    '{ policy: savedPolicy, status }, revision',
    '{ policy: savedPolicy, status: made.decision.actions.length > 0 ? found.status : status }, revision',
  ),
  'an automatic start does not ask its permit': inFunction('src/controller/permits.ts', 'attemptPermit').replace(
    'isAt(record, revision) && record.value.status.blockedReason === null',
    'record._tag !== undefined',
  ),
  'a stop is acknowledged before the instance is gone': inFunction(
    'src/adapters/process/hypervisor.ts',
    'stop',
  ).replace(/return (run\.\w+\(permit\.signal\));/, 'void $1; return done;'),
  'the guardian does not end what its host left behind': inFunction(
    'src/adapters/process/guardian.ts',
    'script',
  ).replace('read -r _ && exit 0', 'read -r _; exit 0'),

  // Those that show only on programs that hide, or leave something behind.
  'a process has ended with its first thread': inFunction('src/adapters/linux/processes.ts', 'readStat').replace(
    'const isHeadless = isZombie && number(20) > 1;',
    'const isHeadless = false;',
  ),
  'the first process of a run is not written down': inFunction('src/adapters/process/hypervisor.ts', 'prepare').replace(
    'marked(markFile(directory, id), command, program)',
    'command',
  ),
  'what a run left behind is not ended': inFunction('src/adapters/process/run.ts', 'isGroupEmpty').answer('true'),

  // Those that show only where a call outlasts its deadline.
  'a call is waited for, however long it takes': inFunction('src/controller/calls.ts', 'createCalls.make').replace(
    'countdowns[kind].begin(call);',
    '',
  ),
  'a call that has outlasted its deadline holds nothing up': inFunction(
    'src/controller/reconcile.ts',
    'holdsSection',
  ).answer('null'),
  'a stop is acknowledged at its deadline': inFunction('src/controller/commands/stop.ts', 'stopBy').replace(
    'const answer = await answerFailed(stopped.left, undo);',
    `if (context.calls.isTold(stopped.left)) return right({ revision });
        const answer = await answerFailed(stopped.left, undo);`,
  ),
  'a start is acknowledged at its deadline': inFunction('src/controller/commands/start.ts', 'start').replace(
    'const answer = await answerFailed(started.left, undo);',
    `if (context.calls.isTold(started.left)) return right({ revision });
        const answer = await answerFailed(started.left, undo);`,
  ),
  'a late answer leads to no look': inFunction('src/controller/calls.ts', 'createCalls').replace(
    'if (id !== null && !isOver) onLate(id);',
    '',
  ),
  'a section is free at the deadline of the call that holds it': inFunction(
    'src/adapters/common/section.ts',
    'createSection',
  ).replace(
    'return await work();',
    `return await Promise.race([
        work(),
        new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(notEntered()), { once: true })),
      ]);`,
  ),
  'a stop whose save has no answer is told to be recorded': inFunction(
    'src/controller/commands/stop.ts',
    'stopBy',
  ).replace(
    "if (recorded._tag === 'Left') return recorded;",
    "if (recorded._tag === 'Left') return left(failed('recorded'));",
  ),
  'a start whose save has no answer is made all the same': inFunction(
    'src/controller/commands/start.ts',
    'start',
  ).replace(
    "if (recorded._tag === 'Left') return recorded;",
    `if (recorded._tag === 'Left') {
      const { right: found } = (await ports.load(id)) as { readonly right?: { readonly value?: { readonly revision: number } } };
      if (found?.value !== undefined) await ports.start(id, { revision: found.value.revision, check: async () => right(undefined) }, 'person');
      return recorded;
    }`,
  ),
} as const satisfies Readonly<Record<string, Edit>>;
