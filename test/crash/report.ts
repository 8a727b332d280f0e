/** The figures of a crash test, for people. */
import type { Outcome } from './driver.js';
import { hasBomb } from './instances.js';

export const reportOf = (outcome: Outcome): string => {
  const { commands, violations } = outcome;
  const tallies = [...commands]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tag, { sent, acknowledged, notDone }]) => {
      const unanswered = sent - acknowledged - notDone;
      return `  ${tag.padEnd(10)} ${sent} sent, ${acknowledged} acknowledged, ${notDone} not done, ${unanswered} unanswered`;
    });
  const hangs = [...outcome.hangs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([call, { told, hung, landed }]) => {
      const { in_time: inTime, given_up: heeded, late, void: void_ } = landed;
      const never = hung - inTime - heeded - late - void_;
      return `  ${call.padEnd(10)} ${told} told, ${hung} hung: ${inTime} answered in time, ${heeded} gave up, ${late} took effect late, ${void_} late and void, ${never} until the kill`;
    });
  return [
    `crash test, seed ${outcome.seed} (the seed replays the plan; what becomes of it is up to the machine)`,
    `runs are known by             ${outcome.runsKnownBy ?? 'nothing, for no host has opened'}`,
    ...(hasBomb ? [] : ['NO FORK BOMB, for there is no controller of pids (cgroup v1, as root)']),
    `kills                         ${outcome.kills}`,
    `  before the host was ready   ${outcome.killsBeforeReady}`,
    `  amid a person's command     ${outcome.killsAmidCommands}`,
    'commands',
    ...tallies,
    'calls that hung',
    ...hangs,
    `calls given up, hung or slow   ${outcome.givenUp}`,
    `writes committed              ${outcome.writes}`,
    `  automatic attempts          ${outcome.attempts}`,
    `runs seen                     ${outcome.automaticRuns + outcome.runsByPeople}`,
    `  automatic (each counted)    ${outcome.automaticRuns}`,
    `  started by a person         ${outcome.runsByPeople}`,
    `checks of the process list    ${outcome.checks}`,
    `  of a stopped instance       ${outcome.checksOfHeld}`,
    `faults reported by hosts      ${outcome.faults}`,
    `violations                    ${violations.length}`,
    ...violations.map(({ of, id, what }) => `  ${of} ${id}: ${what}`),
    ...(outcome.kept === null ? [] : [`journal, store and records are kept in ${outcome.kept}`]),
  ].join('\n');
};
