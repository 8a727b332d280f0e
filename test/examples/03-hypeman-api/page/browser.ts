/** A Chromium of its own for each test file, and what is asked of every page in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { launchOptions } from '../../../support/chromium.js';

export interface Browser {
  readonly directory: string;
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: Array<string>;
  readonly close: () => Promise<void>;
}

export const openBrowser = async (): Promise<Browser> => {
  const directory = mkdtempSync(join(tmpdir(), 'restart-policy-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(join(directory, 'user'), {
    ...launchOptions,
    viewport: { width: 1120, height: 760 },
    colorScheme: 'light',
  });
  const page = await context.newPage();
  const complaints: Array<string> = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return {
    directory,
    page,
    complaints,
    close: async () => {
      // What the page has asked for is not answered any more.
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
      rmSync(directory, { recursive: true });
    },
  };
};

export const sizes: ReadonlyArray<readonly [width: number, height: number]> = [
  [320, 640],
  [390, 844],
  [768, 1_024],
  [1_440, 900],
];

/** Whether the page scrolls sideways. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > window.innerWidth');

/** What can be pressed and is smaller than 44 pixels either way; the link of a row counts as the row. */
export const smallTargets = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(`[...document.querySelectorAll('button, a, input, select, textarea')]
    .filter((each) => each.checkVisibility() && !(document.querySelector('dialog[open]') && !each.closest('dialog')))
    .map((each) => [each, (each.closest('.row') ?? each).getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 44 || height < 43.5)
    .map(([each, { width, height }]) => each.outerHTML.slice(0, 80) + ' ' + width + ' x ' + height)`);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary: string }>;
}

/** What the accessibility checker finds, light and dark: which rule, and where. */
export const violations = async (page: Page): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Its own world sees the document, and the page's policy for scripts does not hold there.
    await page.evaluate(axe);
    const { violations: violated }: { readonly violations: ReadonlyArray<Violation> } = await page.evaluate(
      'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
    );
    found.push(
      ...violated.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html.slice(0, 160)} ${failureSummary}`),
      ),
    );
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
};
