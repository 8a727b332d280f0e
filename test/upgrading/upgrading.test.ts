/**
 * What docs/upgrading.md says is what a program of 0.1 meets: its programs are checked against the types of both versions, and
 * each public name of 0.1 that is gone or has changed is named there. The types of 0.1 are the reports in 0.1/, which
 * scripts/api.mjs made of what 0.1 had built.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { entries, specifier } from '../../scripts/entries.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const textOf = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const page = textOf('docs/upgrading.md');

const former = readdirSync(`${root}test/upgrading/0.1`).map((report) => report.replace(/\.api\.md$/, ''));
const entryOf = (name: string): string =>
  Object.keys(entries).find((entry) => entry.replaceAll('/', '-') === name) ?? '';
const declarationsIn = (report: string): string => /^```ts\n([\s\S]*?)^```$/m.exec(report)?.[1] ?? '';
const then = new Map(former.map((name) => [name, declarationsIn(textOf(`test/upgrading/0.1/${name}.api.md`))]));
const now = new Map(former.map((name) => [name, declarationsIn(textOf(`etc/${name}.api.md`))]));

/** The lines of each exported declaration, without what makes no difference to whoever has a value of it. */
const exportsIn = (declarations: string): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(
    [...declarations.matchAll(/^export (?:const|type|interface) (\w+)[\s\S]*?(?=^\/\/|(?![\s\S]))/gm)].map(
      ([text, name = '']) => [
        name,
        text
          .replaceAll(/ *\/\/ \(undocumented\)/g, '')
          .replaceAll(' | undefined', '')
          .replaceAll(/\?: \((\(.*)\);$/gm, '?: $1;')
          .replaceAll('E.Either', 'Either')
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      ],
    ),
  );

const changed = former.flatMap((name) => {
  const present = exportsIn(now.get(name) ?? '');
  return [...exportsIn(then.get(name) ?? '')].flatMap(([exported, lines]) => {
    const others = present.get(exported);
    return others === undefined || lines.some((line) => !others.includes(line)) ? [{ name, exported }] : [];
  });
});

/** Written in other words, and good for all that 0.1's were good for: the compiler is asked below. */
const noLess: Readonly<Record<string, string>> = {
  // The same in both directions.
  Exclusion: 'controller',
  GuestReboot: 'controller',
  Health: 'index',
  InstanceState: 'index',
  RestartAction: 'index',
  RestartMode: 'index',
  // They take more.
  attemptFailed: 'index',
  refused: 'controller',
  ProcessHypervisorOptions: 'adapters-process',
  ScriptedHypervisorOptions: 'testing',
};
const isSame = (name: string): boolean =>
  ['Exclusion', 'GuestReboot', 'Health', 'InstanceState', 'RestartAction', 'RestartMode'].includes(name);

const checks = (() => {
  const imports = [...new Set(Object.values(noLess))].map((name) => {
    const alias = name.replace('-', '_');
    return `import * as then_${alias} from './${name}.js';\nimport * as now_${alias} from '${specifier(entryOf(name))}';\n`;
  });
  const lines = Object.entries(noLess).map(([exported, name]) => {
    const [was, is] = [`then_${name.replace('-', '_')}.${exported}`, `now_${name.replace('-', '_')}.${exported}`];
    if (exported === 'attemptFailed' || exported === 'refused') {
      return `export const ${exported} = (...given: Parameters<typeof ${was}>) => ${is}(...given);\n`;
    }
    const back = isSame(exported) ? `export const from${exported} = (given: ${is}): ${was} => given;\n` : '';
    return `export const to${exported} = (given: ${was}): ${is} => given;\n${back}`;
  });
  return [...imports, ...lines].join('');
})();

/** What the page warns of. */
const trap = `
import type { Controller } from 'restart-policy/controller';
declare const controller: Controller;
await controller.close();
await controller.reconcileAll();
export {};
`;

const blocksOf = (kind: string): ReadonlyArray<string> =>
  [...page.matchAll(/^```(ts.*)\n([\s\S]*?)^```$/gm)].flatMap(([, said, block = '']) => (said === kind ? [block] : []));
const former01 = blocksOf('ts 0.1');
const present = blocksOf('ts');

/** What the compiler says of each of these programs, with the library of one version. */
const diagnose = (programs: ReadonlyArray<string>, paths: ts.MapLike<Array<string>>): ReadonlyArray<string> => {
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
    ts.sys,
    root,
  );
  const folder = `${root}test/upgrading/made-up/`;
  const files = new Map<string, string>([
    ...[...then].map(
      ([name, text]) =>
        [`${folder}${name}.d.ts`, `${text.replaceAll(/^const /gm, 'declare const ')}\nexport {};\n`] as const,
    ),
    ...programs.map((text, index) => [`${folder}program-${index}.ts`, text] as const),
  ]);
  const compilerOptions = { ...options, paths };
  const host = ts.createCompilerHost(compilerOptions);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  // The folder is nowhere.
  delete host.directoryExists;
  host.getSourceFile = (path, version) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile.call(host, path, version) : ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram(
    programs.map((_, index) => `${folder}program-${index}.ts`),
    compilerOptions,
    host,
  );
  return programs.map((_, index) => {
    const file = program.getSourceFile(`${folder}program-${index}.ts`);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n');
  });
};

const source = { 'restart-policy': ['./src/index.ts'], 'restart-policy/*': ['./src/*.ts'] };
const of01 = Object.fromEntries(
  former.map((name) => [specifier(entryOf(name)), [`./test/upgrading/made-up/${name}.d.ts`]]),
);

describe('docs/upgrading.md', () => {
  let withNow: ReadonlyArray<string> = [];
  let withThen: ReadonlyArray<string> = [];
  beforeAll(() => {
    withNow = diagnose([...present, ...former01, trap, checks], source);
    withThen = diagnose([...former01, trap], of01);
  }, 120_000);

  test('has programs of both versions', () => {
    expect(present).toHaveLength(former01.length);
    expect(former01.length).toBeGreaterThan(2);
  });

  test('the programs of 0.1 are ones', () => {
    expect(withThen).toEqual([...former01, trap].map(() => ''));
  });

  test('each of them has to be changed', () => {
    expect(withNow.slice(present.length, -2).map((said) => said === '')).toEqual(former01.map(() => false));
  });

  test('what it warns of is nothing that the compiler finds', () => {
    expect(withNow.at(-2)).toBe('');
  });

  test('as it says', () => {
    expect(withNow.slice(0, present.length)).toEqual(present.map(() => ''));
  });

  test('names each public name of 0.1 that is gone or has another type', () => {
    expect(changed.length).toBeGreaterThan(20);
    const named = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(page);
    expect(changed.filter(({ exported }) => !(exported in noLess) && !named(exported))).toEqual([]);
  });

  test('and no other needs to be named, for it takes whatever it took', () => {
    expect(withNow.at(-1)).toBe('');
    expect(Object.keys(noLess).filter((name) => !changed.some(({ exported }) => exported === name))).toEqual([]);
  });

  test('lists what the closed sets have beyond those of 0.1', () => {
    const rows = [
      ...page.matchAll(
        /^\| (`RestartReason`|`RestartEvent`|`BlockedReason`|.*`lastReason`.*|`Fault`: `during`) \| (.*) \|$/gm,
      ),
    ];
    const listed = rows.map(([, , names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort());
    expect(listed).toEqual(newMembers());
  });
});

/** Of the sets in the order of the page: what is in the reports of the present and was not in those of 0.1. */
const newMembers = (): ReadonlyArray<ReadonlyArray<string>> => {
  const wordsIn = (text: string, pattern: RegExp): ReadonlyArray<string> =>
    [...(pattern.exec(text)?.[0] ?? '').matchAll(/["'](\w+)["']/g)].map(([, word = '']) => word);
  const keysIn = (text: string, pattern: RegExp): ReadonlyArray<string> =>
    [...(pattern.exec(text)?.[0] ?? '').matchAll(/readonly (\w+):/g)].map(([, word = '']) => word);
  const [index, control, pastIndex, pastControl] = [
    now.get('index'),
    now.get('controller'),
    then.get('index'),
    then.get('controller'),
  ].map((text) => text ?? '') as [string, string, string, string];
  const more = (present: ReadonlyArray<string>, past: ReadonlyArray<string>) => {
    expect(past.length).toBeGreaterThan(0);
    return present.filter((word) => !past.includes(word)).sort();
  };
  const prose = /const prose: \{[\s\S]*?\n\};/;
  return [
    more(keysIn(index, prose), keysIn(pastIndex, prose)),
    more(wordsIn(index, /restartEventTags: .*/), wordsIn(pastIndex, /type RestartEvent =[\s\S]*?;\n\};/)),
    more(wordsIn(index, /blockedReasons: .*/), wordsIn(pastIndex, /type BlockedReason = .*/)),
    more(wordsIn(index, /lastReasons: .*/), wordsIn(pastIndex, /lastReason: .*/)),
    more(wordsIn(control, /faultSteps: .*/), wordsIn(pastControl, /during: .*/)),
  ];
};
