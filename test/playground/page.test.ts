/**
 * The playground as it is committed, in a real browser, from a file and without a network.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { explainReason } from 'restart-policy';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { playgroundFile } from '../../scripts/playground.mjs';
import { demandBrowser, isThere, launchOptions } from '../support/chromium.js';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

test('a Chromium is there to open the playground with', () => demandBrowser('The playground is'));

const compared =
  'a.policy=always&a.backoff=5s&a.max_backoff=5m&a.backoff_from=exit&a.stable_after=10m&b.policy=on_failure&b.backoff=30s&b.max_attempts=5';
/** Everything that the page can show at once, errors and warnings too. */
const crowded =
  `${compared}&b.limit_interval=10s&b.jitter=2&b.rule=stop~exit.signal~78&a.rule=restart_uncounted~host~` +
  '&crash_after=40s&boots_for=5s&unhealthy_after=30s&act=pause~10m&act=stop~20m&act=start~x&nonsense=1';

describe.runIf(isThere)('the playground, in a browser', () => {
  let browser: Browser;
  let pages: Array<Page> = [];
  /** What a page asked for beyond itself, and what the browser complained of. */
  let requests: Array<string> = [];
  let complaints: Array<string> = [];

  beforeAll(async () => {
    browser = await chromium.launch(launchOptions);
  });
  afterAll(async () => {
    await browser?.close();
  });
  afterEach(async () => {
    await Promise.all(pages.map((page) => page.context().close()));
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
    [pages, requests, complaints] = [[], [], []];
  });

  const open = async (hash = '', options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    pages.push(page);
    page.on('request', (request) => {
      if (!/^(?:file|data|blob):/.test(request.url())) requests.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${playgroundFile.href}${hash === '' ? '' : `#${hash}`}`);
    return page;
  };

  const field = (page: Page, id: string) => page.locator(`[id="${id}"]`);
  const summary = (page: Page, name: string) => page.locator('#summary tr', { hasText: name }).locator('td');
  const drawn = (page: Page) => page.locator('#picture svg desc');

  test('shows a policy, its timeline, its sentences and its JSON as it is opened', async () => {
    const page = await open();
    expect(await drawn(page).textContent()).toMatch(/^Kubernetes: up 8\.9 % of 1h, 15 attempts/);
    expect(await summary(page, 'attempts').allTextContents()).toEqual(['15']);
    await page.getByText('It is restarted whenever a run ends').waitFor();
    expect(JSON.parse(String(await page.locator('#words pre').first().textContent()))).toEqual({
      policy: 'always',
      backoff: '5s',
      max_backoff: '5m0s',
      backoff_from: 'exit',
      stable_after: '10m0s',
    });
  });

  test('shows each preset, and draws it', async () => {
    const page = await open();
    const presets = field(page, 'a.preset');
    for (const [name, attempts] of [
      ['hypeman', '179'],
      ['hypeman limited', '5'],
      ['Docker', '179'],
      ['Docker limited', '5'],
      ['systemd', '179'],
      ['Kubernetes', '15'],
    ] as const) {
      await presets.selectOption({ label: name });
      await page.locator('#picture .label', { hasText: new RegExp(`^${name}$`) }).waitFor();
      expect(await summary(page, 'attempts').allTextContents(), name).toEqual([attempts]);
      expect(await page.locator('.error:visible').count(), name).toBe(0);
    }
    await field(page, 'a.backoff').fill('11s');
    expect(await presets.locator('option:checked').textContent()).toBe('own values');
  });

  test('draws anew with every key, and keeps the last right picture while a field is wrong, with the error beside it', async () => {
    const page = await open('a.policy=always&a.backoff=1m&a.backoff_from=exit');
    await summary(page, 'attempts').getByText('44').waitFor();
    const backoff = field(page, 'a.backoff');
    await backoff.press('End');
    await backoff.press('Backspace');
    const error = page.locator('#error-a-backoff');
    await error.getByText('backoff must be a valid duration').waitFor();
    expect(await backoff.getAttribute('aria-invalid')).toBe('true');
    expect(await backoff.getAttribute('aria-describedby')).toBe('hint-backoff error-a-backoff');
    expect(await page.locator('#notice').textContent()).toBe(
      'Something is wrong with policy A, see below. Shown is what is right, and what was right before.',
    );
    expect(await summary(page, 'attempts').allTextContents()).toEqual(['44']);
    await page.getByText('Something is wrong with its fields; this is what was right before.').waitFor();
    const filter = (): Promise<string> => page.evaluate('getComputedStyle(document.getElementById("picture")).filter');
    expect(await filter()).toBe('grayscale(1)');
    await backoff.press('h');
    await summary(page, 'attempts').getByText('0', { exact: true }).waitFor();
    expect(await error.isVisible()).toBe(false);
    expect(await backoff.getAttribute('aria-invalid')).toBeNull();
    expect(await filter()).toBe('none');
    expect(await page.locator('#notice').isVisible()).toBe(false);
  });

  test('goes on drawing a policy while the one beside it is wrong', async () => {
    const page = await open(
      'a.policy=always&a.backoff=1m&a.backoff_from=exit&b.policy=always&b.backoff=7&b.max_attempts=3',
    );
    expect(await summary(page, 'attempts').allTextContents()).toEqual(['44']);
    expect(await page.locator('#picture .label').allTextContents()).toEqual(['A']);
    await field(page, 'a.max_attempts').fill('7');
    await expect.poll(() => summary(page, 'attempts').allTextContents()).toEqual(['7']);
    await field(page, 'b.backoff').fill('7s');
    await expect.poll(() => summary(page, 'attempts').allTextContents()).toEqual(['7', '3']);
    await field(page, 'b.backoff').fill('');
    await field(page, 'b.max_attempts').fill('x');
    await field(page, 'a.max_attempts').fill('8');
    await expect.poll(() => summary(page, 'attempts').allTextContents()).toEqual(['8', '3']);
  });

  test('shows all errors at once, each beside its field', async () => {
    const page = await open('a.policy=always&a.backoff=x&a.cooldown=1m&a.jitter=7&a.rule=stop~~9-2&crash_after=soon');
    await page.locator('#forms .error:visible').first().waitFor();
    expect(
      (await page.locator('#forms .error:visible').allTextContents()).map((text) => text.replace(/ ?must .*/, '')),
    ).toEqual(['backoff', 'jitter', 'cooldown needs max_attempts above 0', 'rules[0].exit_codes[0]', '']);
    expect(await page.locator('#error-crash_after').textContent()).toMatch(/^must be a valid duration/);
  });

  test('compares a second policy with the first, side by side, until it is removed', async () => {
    const page = await open('a.policy=always&a.backoff=1m&a.backoff_from=exit');
    await page.getByRole('button', { name: 'Compare' }).click();
    await field(page, 'b.max_attempts').fill('3');
    await summary(page, 'attempts').getByText('3', { exact: true }).waitFor();
    expect(await summary(page, 'attempts').allTextContents()).toEqual(['44', '3']);
    expect(await page.locator('#picture .label').allTextContents()).toEqual(['A', 'B']);
    await page.getByText('After 3 attempts in a row nothing more is done').waitFor();
    await page.getByRole('button', { name: 'Remove policy B' }).click();
    await page.locator('#summary td').nth(10).waitFor({ state: 'detached' });
    expect(await field(page, 'b.max_attempts').isVisible()).toBe(false);
    expect(await page.getByLabel('Policy B in words').isVisible()).toBe(false);
  });

  test('warns of what does not do what it seems to', async () => {
    const page = await open('a.policy=always&a.max_attempts=5&a.limit_interval=10s');
    await page.getByText('Set limit_interval to 26s').waitFor();
    await field(page, 'a.limit_interval').fill('26s');
    await page.getByText('Nothing to warn of.').waitFor();
  });

  test('plays a pasted log, and names the row of what is wrong with it', async () => {
    const page = await open();
    await page.getByLabel('A log').check();
    await page.getByText('Paste a log here: CSV or JSON.').waitFor();
    const rows = Array.from({ length: 200 }, (_, at) => `${at * 60_000},${at * 60_000 + 30_000},${at % 3}`);
    await field(page, 'log').fill(`startedAt,stoppedAt,exitCode\n${rows.join('\n')}`);
    await page.locator('#picture .title', { hasText: '200 logged runs, one after another' }).waitFor();
    await field(page, 'log').fill('[{"startedAt":0,"stoppedAt":5000,"exitCode":1},{"startedAt":1,"stoppedAt":"x"}]');
    await page.locator('#error-log').getByText('Row 2, startedAt: must not be before the end').waitFor();
    expect((await page.locator('#error-log').textContent())?.split('\n')).toHaveLength(2);

    const file = 'startedAt,stoppedAt,exitCode\n0,90000,1\n100000,130000,1\n';
    await page
      .getByLabel('Log from a file')
      .setInputFiles({ name: 'runs.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    await page.locator('#picture .title', { hasText: '2 logged runs, one after another' }).waitFor();
  });

  test('plays what people do, with another policy too', async () => {
    const page = await open(`${compared}&crash_after=`);
    await page.getByRole('button', { name: 'Add what a person does' }).click();
    await page.locator('#picture .said-name', { hasText: 'stop' }).first().waitFor();
    await page.getByLabel('What, act 1').selectOption({ label: 'gives it policy B' });
    await page.locator('#picture .said-name', { hasText: 'new policy' }).waitFor();
    expect(await drawn(page).textContent()).toContain('at 10m a person gave it a new policy');
    await page.getByRole('button', { name: 'Remove act 1' }).click();
    await page.locator('#picture .said-name').waitFor({ state: 'detached' });
  });

  test('puts rules in another order, and takes them away, which changes what comes of them', async () => {
    const page = await open('a.policy=always&a.rule=restart~~1&a.rule=stop~~1-5');
    const attempts = () => summary(page, 'attempts').allTextContents();
    expect(await attempts()).toEqual(['179']);
    await page.getByRole('button', { name: 'Move rule 2 of Policy A up' }).click();
    await expect.poll(attempts).toEqual(['0']);
    expect(await field(page, 'a.rules.0.exit_codes').inputValue()).toBe('1-5');
    expect(await field(page, 'a.rules.1.exit_codes').inputValue()).toBe('1');
    await page.getByRole('button', { name: 'Remove rule 1 of Policy A' }).click();
    await expect.poll(attempts).toEqual(['179']);
  });

  test('carries all of it in its link, to another page', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Compare' }).click();
    await field(page, 'b.backoff').fill('3s');
    await page.getByRole('button', { name: 'Add a rule to Policy B' }).click();
    await field(page, 'b.rules.0.exit_codes').fill('78, 2-5');
    await page.getByLabel('out_of_memory').last().check();
    await page.getByLabel('By chance').check();
    await field(page, 'mean_uptime').fill('90s');
    await page.getByRole('button', { name: 'Add what a person does' }).click();
    await page.getByLabel('When, act 1').fill('7m');
    await page.getByRole('button', { name: 'Start over' }).focus();
    const other = await open(new URL(page.url()).hash.slice(1));
    for (const id of ['a.backoff', 'b.backoff', 'b.rules.0.exit_codes', 'mean_uptime', 'acts.0.at']) {
      expect(await field(other, id).inputValue(), id).toBe(await field(page, id).inputValue());
    }
    expect(await other.locator('#picture').innerHTML()).toBe(await page.locator('#picture').innerHTML());
    expect(await other.locator('#notice').isVisible()).toBe(false);
  });

  test('opens a link of junk as the page without one, and names what it passed over', async () => {
    const page = await open('%&&=&__proto__=1&a.rule=~&<img src=x onerror=alert(1)>&runs=1');
    expect(await drawn(page).textContent()).toMatch(/^Kubernetes/);
    const notice = await page.locator('#notice').textContent();
    expect(notice).toContain('Passed over');
    expect(notice).toContain('__proto__');
    expect(await page.locator('img').count()).toBe(0);
  });

  test('goes back by whole acts, and forth again', async () => {
    const page = await open('a.policy=always&a.backoff=1m');
    await field(page, 'a.preset').selectOption({ label: 'Docker' });
    // Several changes of one field, one after another, are one act.
    for (const typed of ['', '7', '7s']) await field(page, 'crash_after').fill(typed);
    await field(page, 'for').focus();
    const hash = () => new URL(page.url()).hash;
    const last = hash();
    expect(last).toContain('crash_after=7s');
    await page.goBack();
    await expect.poll(() => field(page, 'crash_after').inputValue()).toBe('20s');
    expect(await field(page, 'a.backoff').inputValue()).toBe('100ms');
    await page.goBack();
    await expect.poll(() => field(page, 'a.backoff').inputValue()).toBe('1m');
    await page.goForward();
    await page.goForward();
    await expect.poll(() => field(page, 'crash_after').inputValue()).toBe('7s');
    expect(hash()).toBe(last);
    await page.locator('#picture .title', { hasText: 'ends after 7s' }).waitFor();
  });

  test('takes a policy from its JSON, or says what is wrong with it', async () => {
    const page = await open();
    await page.getByText('Paste JSON').first().click();
    const json = page.getByLabel('JSON of another Policy A');
    await json.fill('{"policy":"always","max_attempt":3}');
    await page.getByRole('button', { name: 'Use this JSON for Policy A' }).click();
    await page.getByRole('alert').getByText('did you mean max_attempts?').waitFor();
    await json.fill('{"policy":"always","max_attempts":3,"rules":[{"exit_codes":[[2,5]],"action":"stop"}]}');
    await page.getByRole('button', { name: 'Use this JSON for Policy A' }).click();
    await expect.poll(() => field(page, 'a.rules.0.exit_codes').inputValue()).toBe('2-5');
    expect(await field(page, 'a.max_attempts').inputValue()).toBe('3');
  });

  test('lists the decisions with their reasons', async () => {
    const page = await open('a.policy=always&a.backoff=30s&a.max_attempts=2');
    await page.getByText('Decisions').first().click();
    const rows = page.locator('.decisions tbody tr:visible');
    expect(await rows.first().locator('td').allTextContents()).toEqual([
      '0:00:00',
      'stopped',
      'a person started it',
      'a person started it: a new failure window',
      '',
    ]);
    await rows.getByText(explainReason('max_attempts_exceeded')).first().waitFor();
  });

  test('tells a screen reader what came of it when typing has paused, once', async () => {
    const page = await open('a.policy=always&a.backoff=1m&a.backoff_from=exit');
    const news = page.locator('#news');
    const told: Array<string> = [];
    await page.exposeFunction('tell', (text: string) => told.push(text));
    await page.evaluate(`new MutationObserver(() => tell(document.getElementById('news').textContent))
      .observe(document.getElementById('news'), { childList: true, characterData: true, subtree: true })`);
    expect(await news.textContent()).toBe('');
    await field(page, 'a.backoff').pressSequentially('2m3s', { delay: 0 });
    await news.getByText('longest outage').waitFor({ state: 'attached' });
    expect(await news.textContent()).toMatch(/^up .* of 1h, \d+ attempts, longest outage 3m 3s$/);
    expect(told).toHaveLength(1);
  });

  test('is worked by the keyboard alone, in the order in which it is read, and shows where one is', async () => {
    const page = await open();
    const seen: Array<string> = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const { id, name, outline } = (await page.evaluate(`(() => {
        const { activeElement } = document;
        const { outlineStyle, outlineWidth } = getComputedStyle(activeElement);
        return { id: activeElement.id, name: activeElement.localName, outline: outlineStyle + ' ' + outlineWidth };
      })()`)) as Readonly<Record<string, string>>;
      if (name === 'body') break;
      expect(outline, `${name} ${id}`).not.toMatch(/none| 0px/);
      seen.push(id || String(name));
    }
    const order = ['compare', 'copy-link', 'save-picture', 'start-over', 'a.policy', 'a.backoff', 'a.start_timeout'];
    expect(seen.filter((id) => order.includes(id))).toEqual(order);
    for (const id of ['crash_after', 'exit_code', 'id', 'summary']) expect(seen).toContain(id);

    // From the page's beginning: a second policy, a preset for it, a limit, and away with it.
    await page.getByRole('button', { name: 'Compare' }).focus();
    await page.keyboard.press('Enter');
    await field(page, 'b.policy').waitFor();
    await field(page, 'a.max_attempts').focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('b.max_attempts');
    await page.keyboard.type('2');
    await summary(page, 'attempts').getByText('2', { exact: true }).waitFor();
    await page.locator('#runs-crash').focus();
    await page.keyboard.press('ArrowDown');
    await field(page, 'mean_uptime').waitFor();
  });

  const openDetails = async (page: Page): Promise<void> => {
    for (const details of await page.locator('details:visible > summary').all()) await details.click();
  };

  test.each(['light', 'dark'] as const)('has nothing that axe finds fault with, %s', async (colorScheme) => {
    for (const hash of [compared, crowded, 'runs=log&log=x', `${compared}&runs=random`]) {
      const page = await open(hash, { colorScheme });
      await openDetails(page);
      if (hash === crowded) await page.setViewportSize({ width: 320, height: 640 });
      await page.evaluate(await readFile(axe, 'utf8'));
      const found = (await page.evaluate(`axe.run().then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`)) as ReadonlyArray<string>;
      expect(found, hash).toEqual([]);
    }
  });

  test('fits into any width, with targets that a thumb meets', async () => {
    for (const hash of [crowded, 'runs=log&a.policy=always', '']) {
      const page = await open(hash, { viewport: { width: 320, height: 740 } });
      await openDetails(page);
      for (const width of [320, 390, 768, 1_099, 1_440]) {
        await page.setViewportSize({ width, height: 740 });
        expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBe(width);
        const small = await page.evaluate(`[...document.querySelectorAll('button, input, select, textarea, summary')]
          .filter((each) => each.checkVisibility())
          .map((each) => (/checkbox|radio/.test(each.type) ? each.closest('label') : each))
          .map((each) => ({ id: each.id || each.textContent, box: each.getBoundingClientRect() }))
          .filter(({ box }) => box.height < 44 || box.width < 44)
          .map(({ id }) => id)`);
        expect(small, `${hash} at ${width}`).toEqual([]);
      }
    }
  });

  test('says the least of it where the picture is out of sight, on a phone', async () => {
    const page = await open(compared, { viewport: { width: 390, height: 740 } });
    await field(page, 'a.start_timeout').scrollIntoViewIfNeeded();
    const gist = page.locator('#gist');
    expect(await gist.locator(':scope > span').allTextContents()).toEqual([
      'A up 8.9 %, 15 attempts',
      'B up 3.3 %, 5 attempts',
    ]);
    const box = await gist.boundingBox();
    expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(740);
  });

  test('keeps its colours apart where a system forces them, moves nothing where that is asked for, and prints', async () => {
    const page = await open(compared, { forcedColors: 'active', reducedMotion: 'reduce' });
    expect(await page.evaluate('getComputedStyle(document.querySelector("#summary i")).borderTopWidth')).toBe('1px');
    expect(await page.evaluate('getComputedStyle(document.querySelector("button")).transitionDuration')).toBe('0s');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#forms').isVisible()).toBe(false);
    expect(await page.locator('#picture svg').isVisible()).toBe(true);
    expect(await page.getByText('It is restarted whenever').isVisible()).toBe(true);
  });

  test('can reach no network, whatever runs in it', async () => {
    const page = await open();
    const outcome = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'fetched',
        (error: unknown) => String(error),
      ),
    );
    expect(outcome).toContain('Failed to fetch');
    expect(complaints.splice(0).join()).toContain('Content Security Policy');
    requests = [];
  });

  test('answers extreme input with the beginning of it, and says so', async () => {
    const page = await open(
      'a.policy=always&a.backoff=1ns&crash_after=0s&for=8760h&b.policy=always&b.backoff=1ms&b.jitter=1',
    );
    await page.locator('#notice').getByText('Shown is the beginning').waitFor();
    await field(page, 'a.backoff').fill('3h');
    await field(page, 'b.backoff').fill('3h');
    await page.locator('#notice').waitFor({ state: 'hidden' });
  });

  test('copies its link and its JSON', async () => {
    const page = await open(compared);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('status').getByText('Copied.').waitFor();
    expect(await copied()).toBe(page.url());
    await page.getByRole('button', { name: 'Copy JSON of Policy B' }).click();
    await expect.poll(copied).toContain('"max_attempts": 5');
  });

  test('saves its picture as a file', async () => {
    const page = await open(compared);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save picture' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  test('has its picture taken', async () => {
    const policies = `${compared.replace(/b\..*/, '')}b.policy=on_failure&b.backoff=5s&b.max_attempts=5&b.stable_after=10m`;
    const hash = `${policies}&crash_after=90s&boots_for=10s&act=start~40m`;
    const page = await open(hash, { viewport: { width: 1280, height: 720 } });
    // As WebP, which a driver's own screenshot is not: less than half the size, and it is in the package.
    const session = await page.context().newCDPSession(page);
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 70 });
    const picture = Buffer.from(data, 'base64');
    if (process.env['UPDATE_SCREENSHOT'])
      await writeFile(new URL('../../docs/playground.webp', import.meta.url), picture);
    expect(picture.length).toBeLessThan(100_000);
  });
});
