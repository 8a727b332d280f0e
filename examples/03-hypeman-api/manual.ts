/**
 * The reasons and the faults of the manual as a page, so that the fleet's page can link to the row of each. It is the manual's
 * own text: a row that is changed there is changed here.
 */
import { readFile } from 'node:fs/promises';

/** HTML. */
export type ManualPage = string;

const sections = ['The reasons', 'Faults'] as const;

export const loadManual = async (): Promise<ManualPage> => {
  const text = await readFile(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  const parts = sections.map((heading) => `<h2>${heading}</h2>${tableOf(tableIn(text, heading))}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<title>What each reason means</title>
</head>
<body class="manual">
<header class="top"><h1>What each reason means</h1><a href="/">Instances</a></header>
<main>${parts.join('\n')}</main>
</body>
</html>
`;
};

/** The first table of a section, line by line. */
const tableIn = (text: string, heading: string): ReadonlyArray<string> =>
  /(?:^\|.*\n)+/m
    .exec(text.split(`\n## ${heading}\n`)[1] ?? '')?.[0]
    .trimEnd()
    .split('\n') ?? [];

const tableOf = (lines: ReadonlyArray<string>): string => {
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
  const header = head.map((cell) => `<th scope="col">${inline(cell)}</th>`).join('');
  const body = rows.map((cells) => {
    const [name = '', ...rest] = cells;
    const id = name.replaceAll('`', '');
    const others = rest.map((cell) => `<td>${inline(cell)}</td>`).join('');
    return `<tr id="${escapeText(id)}"><th scope="row">${inline(name)}</th>${others}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${header}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
};

/** Code, and links without their targets, which lie elsewhere in the manual. */
const inline = (text: string): string =>
  escapeText(text)
    .replaceAll(/`([^`]*)`/g, '<code>$1</code>')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
