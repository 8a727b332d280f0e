/**
 * The API reference: `npm run docs` writes it to docs/api, from the sources of the public entries.
 *
 * A warning is an error: a public name without a doc comment, a type that is part of a signature and is not exported,
 * and a link that leads nowhere. The options are in typedoc.json, but for the entries: there is one table of them.
 */
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind, TSConfigReader, TypeDocReader } from 'typedoc';
import { entries, specifier } from './entries.mjs';

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

const main = async () => {
  const app = await Application.bootstrapWithPlugins({ entryPoints: Object.values(entries) }, [
    new TypeDocReader(),
    new TSConfigReader(),
  ]);
  // Of the project only what the entries lead to: tests and examples are none of the reference's business.
  app.options.setCompilerOptions(Object.values(entries), app.options.getCompilerOptions(app.logger), undefined);
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
  return app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
};

process.exitCode = await main();
