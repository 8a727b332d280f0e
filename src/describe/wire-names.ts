/**
 * The names that fields have in JSON and YAML, in what is said of a policy.
 */
import { nameInJson } from '../policy.js';
import type { LintWarning } from './warning.js';

/**
 * A warning for whoever writes the policy as JSON or YAML: its fields bear the names that they have on the wire.
 *
 * @since 0.2.0
 */
export interface WireLintWarning extends Omit<LintWarning, 'fields'> {
  /** Such as "max_attempts", or "rules[1]". */
  readonly fields: ReadonlyArray<string>;
}

/** In a sentence no other word is written so. */
const domainName = /\bmode\b|\b[a-z]+[A-Z][A-Za-z]*\b/g;

const onWire = (text: string): string => text.replace(domainName, nameInJson);

export const wireWarning = ({ code, fields, message, hint }: LintWarning): WireLintWarning => ({
  code,
  fields: fields.map(onWire),
  message: onWire(message),
  hint: onWire(hint),
});
