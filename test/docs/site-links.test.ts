import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { problemsOf } from '../../scripts/site-links.mjs';

const siteOf = (files: Readonly<Record<string, string>>): string => {
  const directory = mkdtempSync(join(tmpdir(), 'site-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'pages'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
};

test('a site whose links all lead somewhere has no problems', () => {
  const site = siteOf({
    'index.html': '<a href="pages/a.html#part">a</a><a href="https://example.org/nowhere">out</a><img src="b%20c.svg">',
    'pages/a.html': '<h2 id="part">a</h2><a href="../index.html">back</a><a href="#part">up</a>',
    'b c.svg': '',
  });
  expect(problemsOf(site)).toEqual([]);
});

test('a link to a page, a part or a picture that is not there is told, with the page that it stands on', () => {
  const site = siteOf({
    'index.html': '<a href="pages/b.html">b</a><a href="pages/a.html#past">a</a><a href="pages">all</a>',
    'pages/a.html': '<h2 id="part">a</h2><a href="#past">up</a><img src="picture.svg">',
  });
  expect([...problemsOf(site)].sort()).toEqual([
    'index.html: pages/a.html#past: pages/a.html has no such part',
    'index.html: pages/b.html: there is no pages/b.html',
    'index.html: pages: there is no pages',
    'pages/a.html: #past: pages/a.html has no such part',
    'pages/a.html: picture.svg: there is no pages/picture.svg',
  ]);
});
