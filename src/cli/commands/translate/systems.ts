/**
 * Every system that is translated, and how what a command is given of it is read.
 */
import { extname } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import {
  type ComposeRunner,
  fromDocker,
  fromPodman,
  fromRunit,
  fromS6,
  type PeerName,
  type Translated,
  type Translation,
} from '../../../translate.js';
import { parseTexts } from '../../input/document.js';
import { readText, type Text } from '../../input/text.js';
import type { Terminal } from '../../terminal.js';
import {
  type Finder,
  findCompose,
  findDocker,
  findEcs,
  findFly,
  findKubernetes,
  findNomad,
  findPm2,
  findPodman,
  findSwarm,
} from './documents.js';
import { serviceDirectories } from './service-directories.js';
import { supervisordUnits } from './supervisord-files.js';
import { systemdUnits } from './systemd-files.js';
import { noUnits, onlyProblem, placesIn, together, type Units } from './unit.js';

export interface SystemOptions {
  readonly runBy: ComposeRunner | undefined;
  readonly systemdVersion: number | undefined;
}

type Reader = (source: string, terminal: Terminal, options: SystemOptions) => Promise<Units>;

/** A document, or several, in JSON or YAML. */
const documents =
  (find: (options: SystemOptions) => Finder): Reader =>
  async (source, terminal, options) => {
    const text = await readText(source, terminal);
    return text._tag === 'Left' ? { units: [], problems: [text.left] } : unitsIn(text.right, find(options));
  };

const unitsIn = (text: Text, find: Finder): Units => {
  const read = parseTexts(text).map((parsed): Units => {
    if (parsed._tag === 'Left') return { units: [], problems: parsed.left };
    const { value } = parsed.right;
    // Between two separators there may be nothing.
    if (value === null || value === undefined) return noUnits;
    const found = find(value);
    if (found === null) return noUnits;
    if (typeof found === 'string') return onlyProblem(text.name, found, parsed.right.placeOf([], 'value'));
    const units = found.map(({ name, path, translated }) => ({
      source: text.name,
      label: name,
      translated,
      placeOf: placesIn(text.name, parsed.right, path),
    }));
    return { units, problems: [] };
  });
  const all = together(read);
  return all.units.length + all.problems.length > 0
    ? all
    : onlyProblem(text.name, 'has nothing in it that is restarted');
};

/** `docker run --restart` has a short word for what the API says in an object. */
const orWord =
  (translate: (given: unknown) => Translated<Translation>, reader: Reader): Reader =>
  async (source, terminal, options) =>
    /^(?:no|never|always|unless-stopped|on-failure(?::\d+)?)$/.test(source)
      ? {
          units: [{ source, label: '', translated: translate(source), placeOf: () => ({ source, place: null }) }],
          problems: [],
        }
      : reader(source, terminal, options);

const fly: Reader = async (source, terminal, options) => {
  if (extname(source) !== '.toml' && source !== '-') return documents(() => findFly)(source, terminal, options);
  const text = await readText(source, terminal);
  if (text._tag === 'Left') return { units: [], problems: [text.left] };
  if (/^\s*[{[]\s*(?:"|\{)/.test(text.right.text)) return unitsIn(text.right, findFly);
  return flyToml(text.right);
};

const flyToml = (text: Text): Units => {
  try {
    const found = findFly(parse(text.text));
    if (typeof found === 'string' || found === null) return onlyProblem(text.name, found ?? 'is empty');
    const placeOf = () => ({ source: text.name, place: null });
    return {
      units: found.map(({ name, translated }) => ({
        source: text.name,
        label: name,
        translated,
        placeOf,
      })),
      problems: [],
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const line = text.text.split('\n')[error.line - 1] ?? '';
    const message = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    return onlyProblem(text.name, `cannot be read: ${message}`, {
      line: error.line,
      column: error.column,
      text: line.replace(/\r$/, ''),
      length: 1,
    });
  }
};

const pm2: Reader = async (source, terminal, options) => {
  if (!/\.[cm]?[jt]s$/.test(source)) return documents(() => findPm2)(source, terminal, options);
  return onlyProblem(
    source,
    `is a program, which is not run here: print it as JSON, with node -p 'JSON.stringify(require("./${source.replace(/^\.\//, '')}"))', into restart-policy translate pm2 -`,
  );
};

export const systems: Readonly<Record<PeerName, Reader>> = {
  docker: orWord(
    fromDocker,
    documents(() => findDocker),
  ),
  compose: documents(({ runBy }) => findCompose(runBy)),
  podman: orWord(
    fromPodman,
    documents(() => findPodman),
  ),
  swarm: documents(() => findSwarm),
  kubernetes: documents(() => findKubernetes),
  nomad: documents(() => findNomad),
  fly,
  ecs: documents(() => findEcs),
  systemd: (source, terminal, { systemdVersion }) =>
    systemdUnits(source, terminal, systemdVersion === undefined ? {} : { version: systemdVersion }),
  pm2,
  supervisord: (source, terminal) => supervisordUnits(source, terminal),
  s6: (source) => serviceDirectories(source, fromS6),
  runit: (source) => serviceDirectories(source, fromRunit),
};
