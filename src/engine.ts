/**
 * The decision for hosts that are not JavaScript. `dist/engine.js` is one file without imports, in ES2020, that an embedded engine
 * (goja since August 2024, QuickJS) runs as it is: it sets `globalThis.RestartPolicy`, whose functions take text and answer with
 * text. docs/embedding.md says what the host has to do besides.
 *
 * @packageDocumentation
 */
import { decideJson, normalizePolicyJson } from './engine/json.js';
import { explainReason, type RestartReason } from './reason.js';

/**
 * What `globalThis.RestartPolicy` is once `dist/engine.js` has run. It never throws, and keeps nothing but policies that it has
 * read.
 *
 * @since 0.2.0
 */
export interface RestartPolicyJson {
  /**
   * Decides. `text` is JSON of `policy` and `status` in their wire forms (a status may be missing), `event` with the names of
   * `RestartEvent`, and `now`; times are RFC 3339, and those of event and now are rounded down to the millisecond. Answers with
   * JSON: `{ changed, status, actions, reason, next_wake_at }`, where `changed: false` means that there is nothing to save and
   * `next_wake_at` is null where only a new fact can change anything, or where it is not asked (after an action, and for any event
   * but `Observed`); or `{ errors: [{ path, message }] }` with all that is wrong.
   *
   * @since 0.2.0
   */
  readonly decideJson: (text: string) => string;
  /**
   * Reads a policy as a user wrote it, as JSON, and answers with its canonical form as JSON, or with `{ errors }` as
   * `decideJson` does.
   *
   * @since 0.2.0
   */
  readonly normalizePolicyJson: (text: string) => string;
  /**
   * As `explainReason` of `restart-policy`.
   *
   * @since 0.2.0
   */
  readonly explainReason: (reason: RestartReason) => string;
  /**
   * Of the package.
   *
   * @since 0.2.0
   */
  readonly version: string;
}

/** The build puts it in place. Without the build nothing runs: scripts/engine.mjs also says what fields are called in the script. */
declare const packageVersion: string;

const script: RestartPolicyJson = Object.freeze({
  decideJson,
  normalizePolicyJson,
  explainReason,
  version: packageVersion,
});

// Not declared for all of a program: there a RestartPolicy is a policy.
// biome-ignore lint/style/noRestrictedGlobals: where a host looks for it
Object.assign(globalThis, { RestartPolicy: script });
