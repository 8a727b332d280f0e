/**
 * The API reports in etc/: what each public entry exports, as it is built. `npm run build` comes first.
 *
 *   npm run api               checks that they say what is built; exits with 1 when one does not
 *   npm run api -- --local    writes them
 *
 * They are there to be read in a review: a change of the public interface is a change of one of these files.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { entries } from './entries.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = join(root, 'etc');
const isLocal = process.argv.includes('--local');

/** @type {(entry: string) => string} */
const typesOf = (entry) => join(root, 'dist', `${entry}.d.ts`);

/** @type {(entry: string) => string} */
const reportOf = (entry) => `${entry.replaceAll('/', '-')}.api.md`;

/** @type {(entry: string) => ExtractorConfig} */
const optionsOf = (entry) =>
  ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: typesOf(entry),
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: { target: 'ES2022', module: 'NodeNext', strict: true, skipLibCheck: true, types: ['node'] },
          files: [typesOf(entry)],
        },
      },
      apiReport: {
        enabled: true,
        // What a signature refers to is part of it, also where it has no name for users.
        includeForgottenExports: true,
        reportFileName: reportOf(entry),
        reportFolder: reports,
        reportTempFolder: join(root, 'temp/api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // Doc comments are `npm run docs`'s business, and some messages name files whose names change with each build.
      messages: {
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });

const main = () => {
  const names = Object.keys(entries);
  const missing = names.filter((entry) => !existsSync(typesOf(entry)));
  if (missing.length > 0) {
    console.error(`not built: ${missing.join(', ')}; npm run build comes first`);
    return 1;
  }

  const options = names.map(optionsOf);
  const [first] = options;
  if (first === undefined) return 1;
  // One program for all, for most of the time goes into reading what they have in common.
  const compilerState = CompilerState.create(first, { additionalEntryPoints: names.map(typesOf) });
  const stale = options.filter((each) => {
    const { succeeded } = Extractor.invoke(each, {
      compilerState,
      localBuild: isLocal,
      messageCallback: (message) => {
        // What is to be done is said below, once for all, and what was done is seen by git.
        if (message.messageId.startsWith('console-')) message.handled = true;
      },
    });
    return !succeeded;
  });

  const known = new Set(names.map(reportOf));
  const orphans = readdirSync(reports).filter((file) => !known.has(file));
  if (isLocal) for (const orphan of orphans) rmSync(join(reports, orphan));

  const wrong = isLocal
    ? []
    : [...stale.map((each) => each.reportFilePath), ...orphans.map((file) => join(reports, file))];
  for (const file of wrong) console.error(`not what is built: ${file.slice(root.length)}`);
  if (wrong.length > 0) console.error('read what changed for users, then: npm run api -- --local');
  return wrong.length + (isLocal ? stale.length : 0) > 0 ? 1 : 0;
};

process.exitCode = main();
