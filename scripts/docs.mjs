/**
 * The documents and the reference of every public entry as one site: `npm run docs` writes it to site/, from the documents
 * as they stand and from the sources.
 *
 * A warning is an error: a public name without a doc comment, a type that is part of a signature and is not exported, and a
 * link that leads nowhere. The options are in typedoc.json, but for the entries: there is one table of them. What the
 * documents link to comes along, the playground too.
 */
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Application,
  Converter,
  PageEvent,
  ReflectionKind,
  RendererEvent,
  TSConfigReader,
  TypeDocReader,
} from 'typedoc';
import { entries, specifier } from './entries.mjs';
import { problemsOf } from './site-links.mjs';

/** @typedef {import('typedoc').DeclarationReflection | import('typedoc').ReferenceReflection} Exported */

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/**
 * TypeDoc's own check also asks for every member of a port, whose contract is one text.
 *
 * @type {(exported: Exported) => boolean}
 */
const isDocumented = (exported) =>
  // What another entry exports too is described there.
  exported.isReference() || exported.hasComment() || (exported.signatures ?? []).some(({ comment }) => comment);

/** The README's table of documents says what each of them is for. @type {() => ReadonlyMap<string, string>} */
const groupsOfDocuments = () => {
  const [, table = ''] = readFileSync('README.md', 'utf8').split('\n## Documents\n');
  let group = '';
  const pairs = table.split('\n').flatMap((line) => {
    const [, heading = null] = /^\| \*\*(.+)\*\* \|/.exec(line) ?? [];
    if (heading !== null) group = heading.charAt(0).toUpperCase() + heading.slice(1);
    return [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => /** @type {const} */ ([path, group]));
  });
  return new Map(pairs);
};

/** Those of the systems, to which docs/migration.md leads. */
const systems = 'docs/migration/*.md';

/** What a browser would rather save than show. */
const shownAsText = ['.ts', '.go', '.grit', '.sql', '.yml'];

/** @type {(directory: string) => void} */
const renameWhatIsShownAsText = (directory) => {
  for (const name of readdirSync(directory)) {
    if (shownAsText.includes(extname(name))) renameSync(join(directory, name), join(directory, `${name}.txt`));
  }
};

const main = async () => {
  const groups = groupsOfDocuments();
  const given = { entryPoints: Object.values(entries), projectDocuments: [...groups.keys(), systems] };
  const app = await Application.bootstrapWithPlugins(given, [new TypeDocReader(), new TSConfigReader()]);
  // Of the project only what the entries lead to: tests and examples are none of the reference's business.
  app.options.setCompilerOptions(Object.values(entries), app.options.getCompilerOptions(app.logger), undefined);
  /** @type {Map<import('typedoc').DocumentReflection, string>} */
  const titles = new Map();
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const path = relative('.', document.project.files.getReflectionPath(document) ?? '');
    const [, title = path] = /^# (.*)$/m.exec(document.content.map(({ text }) => text).join('')) ?? [];
    titles.set(document, path === 'CHANGELOG.md' ? 'What changed' : title);
    document.frontmatter['group'] = groups.get(path) ?? 'Coming from';
  });
  // The addresses of pages, which are made before, come of the paths.
  app.renderer.on(RendererEvent.BEGIN, () => {
    for (const [document, title] of titles) document.name = title.replace(/^Coming from (?!.*,)/, '');
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = (page.contents ?? '').replace(/(media\/[\w.-]+)"/g, (link, path) =>
      shownAsText.includes(extname(path)) ? `${path}.txt"` : link,
    );
  });
  const project = await app.convert();
  if (project === undefined) return 1;

  for (const entry of project.getChildrenByKind(ReflectionKind.Module)) {
    entry.name = specifier(entry.name);
    for (const exported of entry.children ?? []) {
      if (!isDocumented(exported)) app.logger.error(`${entry.name}: ${exported.name} has no doc comment`);
    }
  }

  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) return 1;
  await app.generateOutputs(project);
  renameWhatIsShownAsText('site/media');
  for (const problem of problemsOf('site')) app.logger.error(problem);
  return app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
};

process.exitCode = await main();
