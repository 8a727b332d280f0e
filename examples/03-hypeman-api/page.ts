/** The page that a person looks at: one static file, and what it may do. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface Page {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

export const loadPage = async (): Promise<Page> => {
  const html = await readFile(new URL('page.html', import.meta.url), 'utf8');
  return { html, contentSecurityPolicy: policyFor(html) };
};

/** The file's own style and script, named by their hashes, and requests to this server; nothing else, from anywhere. */
const policyFor = (html: string): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(html, 'style')}`,
    `script-src ${hashOf(html, 'script')}`,
    "connect-src 'self'",
    // The empty icon, without which a browser asks for one.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const hashOf = (html: string, element: 'style' | 'script'): string => {
  const content = html.split(`<${element}>`)[1]?.split(`</${element}>`)[0] ?? '';
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
};
