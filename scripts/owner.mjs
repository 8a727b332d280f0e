/**
 * Says in package.json who publishes this package: the one step that is the owner's, once, before the first release.
 *
 *   npm run owner -- https://github.com/OWNER/NAME
 *
 * Sets `repository`, `homepage` and `bugs` from that address, and takes away `private`, without which npm would publish for
 * anybody. npm publishes with provenance only from the very repository that `repository` names.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** @typedef {{ repository: { type: string, url: string }, homepage: string, bugs: { url: string } }} Owner */

/** As our own documents and messages have it: pasted as it stands, it would open the door to npm, and in nobody's name. */
const placeholder = 'https://github.com/OWNER/NAME';

/** @type {(address: string) => Owner | null} null where it is no address of a repository */
const ownerOf = (address) => {
  if (!URL.canParse(address)) return null;
  const { protocol, host, pathname, username, password, search, hash } = new URL(address);
  const path = pathname.replace(/\/$/, '').replace(/\.git$/, '');
  // Of an owner, or, elsewhere than on GitHub, of a group within a group. On GitHub more of it is a page of the repository.
  const isRepository = (host === 'github.com' ? /^(\/[\w.-]+){2}$/ : /^(\/[\w.-]+){2,}$/).test(path);
  if (protocol !== 'https:' || !isRepository || `${username}${password}${search}${hash}` !== '') return null;
  const page = `https://${host}${path}`;
  if (page === placeholder) return null;
  return {
    repository: { type: 'git', url: `git+${page}.git` },
    homepage: `${page}#readme`,
    bugs: { url: `${page}${host.startsWith('gitlab.') ? '/-' : ''}/issues` },
  };
};

/** @type {(manifest: Record<string, unknown>, owner: Owner) => Record<string, unknown>} its other fields in their order */
const withOwner = (manifest, owner) => {
  const { private: _, repository: _r, homepage: _h, bugs: _b, ...others } = manifest;
  return Object.fromEntries(
    Object.entries(others).flatMap((field) => (field[0] === 'license' ? [field, ...Object.entries(owner)] : [field])),
  );
};

const [, , address = ''] = process.argv;
const owner = ownerOf(address);
if (owner === null) {
  console.error(`"${address}" is not the address of a repository: npm run owner -- ${placeholder}`);
  process.exitCode = 1;
} else {
  const file = new URL('../package.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(withOwner(JSON.parse(readFileSync(file, 'utf8')), owner), null, 2)}\n`);
  console.log(`package.json: ${owner.repository.url}, ${owner.homepage}, ${owner.bugs.url}`);
}
