/**
 * Kubernetes' rules for exit codes, of containers and of Jobs, as rules of ours.
 */
import type { EndCause } from '../event.js';
import type { RestartRule, RuleAction } from '../policy.js';
import { describeValue } from '../quote.js';
import { itemsIn, pathOf, refuseOthers, type Section, wordIn } from './section.js';
import { tellOfSignals } from './signal-codes.js';
import type { Notes } from './translation.js';

/** Ends of which a host tells no exit code: a container has one for every end, which is none of those that are listed. */
const withoutCode: ReadonlyArray<EndCause> = ['signal', 'out_of_memory', 'panic', 'host', 'unknown'];

/** Kubernetes knows exit codes of one byte. */
const mostCode = 255;

/** What a condition `{ operator, values }` matches, with an action. undefined: it is wrong, and an error was noted. */
export const exitCodeRules = (
  condition: Section,
  action: RuleAction,
  least: 0 | 1,
  notes: Notes,
  others: ReadonlyArray<string> = [],
): ReadonlyArray<RestartRule> | undefined => {
  refuseOthers(condition, ['operator', 'values', ...others], notes);
  const operator = wordIn(condition, 'operator', ['In', 'NotIn'], notes);
  if (!condition.fields.has('operator'))
    notes.error(pathOf(condition, 'operator'), 'must be In or NotIn; it is missing');
  const values = codesIn(condition, operator === 'In' ? least : 0, notes);
  if (operator === undefined || values === undefined) return undefined;
  tellOfSignals(values, pathOf(condition, 'values'), notes);
  if (operator === 'In') return [{ exitCodes: values, action }];
  const rest = complement(values, least);
  return [...(rest.length > 0 ? [{ exitCodes: rest, action }] : []), { causes: withoutCode, action }];
};

const codesIn = (condition: Section, least: number, notes: Notes): ReadonlyArray<number> | undefined => {
  const path = pathOf(condition, 'values');
  const items = itemsIn(condition, 'values', notes);
  if (items.length === 0 || items.length > mostCode) {
    return condition.fields.has('values') && !Array.isArray(condition.fields.get('values'))
      ? undefined
      : notes.error(path, `must be an array of 1 to ${mostCode} exit codes`);
  }
  const codes: Array<number> = [];
  for (const { item, path: at } of items) {
    if (typeof item === 'number' && Number.isSafeInteger(item) && item >= least) codes.push(item);
    else notes.error(at, `must be an exit code from ${least}, not ${describeValue(item)}`);
  }
  return codes.length === items.length ? [...new Set(codes)].sort((a, b) => a - b) : undefined;
};

/** All codes but these, as ranges. */
const complement = (codes: ReadonlyArray<number>, least: number): ReadonlyArray<number | readonly [number, number]> => {
  const ranges: Array<number | readonly [number, number]> = [];
  let from = least;
  for (const code of [...codes, mostCode + 1]) {
    if (code > mostCode + 1) continue;
    if (code - 1 > from) ranges.push([from, code - 1]);
    else if (code - 1 === from) ranges.push(from);
    from = Math.max(from, code + 1);
  }
  return ranges;
};
