/**
 * A fleet of five hundred, from end to end: hypeman's own client, the real server, a real browser. Some of the instances are
 * child processes; the others are scripted into what the server answers, for no machine that runs tests carries so many.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Overview } from '../../../../examples/03-hypeman-api/overview.js';
import { demandBrowser, isThere } from '../../../support/chromium.js';
import { type ApiServer, decided, openServers, type Servers, shell } from '../api-server.js';
import { type Browser, openBrowser, violations } from './browser.js';
import { fleetOf } from './shown.js';

const image = 'none';
const whole = 500;
const processes = 60;
/** Those that crash. */
const crashing = 20;

test('a Chromium is there to look at a fleet with', () => demandBrowser('The page of a fleet is'));

describe.runIf(isThere)('a fleet of five hundred, in a browser', () => {
  let servers: Servers;
  let server: ApiServer;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    servers = openServers();
    server = await servers.begin();
    browser = await openBrowser();
    page = browser.page;
    await page.route('**/overview', async (route) => {
      const response = await route.fetch();
      const real: Overview = await response.json();
      const rest = fleetOf(whole, real.now).slice(real.instances.length);
      await route.fulfill({ response, json: { ...real, instances: [...real.instances, ...rest] } });
    });
  });
  afterAll(async () => {
    await browser?.close();
    await servers.end();
  });

  const names = (): Promise<ReadonlyArray<string>> => page.locator('.row .name').allTextContents();

  test('goes through a crash storm that a person finds, reads, mends, and stops in part', async () => {
    const { client, logs, log } = server;
    const broken = join(servers.directory, 'broken');
    const pidOf = (name: string): string => join(servers.directory, `pid-${name}`);
    const fleet = Array.from({ length: processes }, (_, index) => `real-${index + 1}`);
    const ids = new Map<string, string>();
    for (const name of fleet) {
      const { id } = await client.instances.create({
        name,
        image,
        env: { BROKEN: broken, PID: pidOf(name) },
        cmd: shell('test -e "$BROKEN" && exit 7; echo $$ > "$PID"; exec sleep 3600'),
        restart_policy: { policy: 'on_failure', backoff: '20ms', max_attempts: 2 },
      });
      ids.set(name, id);
    }
    const idOf = (name: string): string => ids.get(name) ?? '';
    await page.goto(server.address);
    await page.locator('#summary', { hasText: `of ${whole} instances running` }).waitFor();
    const blockedBefore = fleetOf(whole, 0)
      .slice(processes)
      .filter(({ status }) => status?.blockedReason === 'max_attempts_exceeded').length;
    await page.getByRole('button', { name: `Blocked ${blockedBefore}` }).waitFor();

    // Only what can be seen is in the document, wherever the list stands.
    const atTheTop = await page.locator('.row').count();
    await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
    await page.locator(`.row[aria-posinset="${whole}"]`).waitFor();
    expect(Math.max(atTheTop, await page.locator('.row').count())).toBeLessThan(80);
    await page.evaluate('window.scrollTo(0, 0)');

    // The storm: whatever they need is broken, and a third of them is killed at once.
    writeFileSync(broken, '');
    const victims = fleet.slice(0, crashing);
    for (const name of victims) process.kill(Number(readFileSync(pidOf(name), 'utf8')), 'SIGKILL');
    for (const name of victims) await logs(decided(idOf(name), 'max_attempts_exceeded'));

    const chip = page.getByRole('button', { name: `Blocked ${blockedBefore + crashing}` });
    await chip.click();
    await page.getByLabel('Search').fill('real-');
    await page.locator(`.row[aria-setsize="${crashing}"]`).first().waitFor();
    expect((await names()).filter((name) => !victims.includes(name))).toEqual([]);
    expect(await violations(page)).toEqual([]);

    // One of them: what happened to it, with its exit codes.
    const victim = victims[0] ?? '';
    await page.getByRole('link', { name: victim, exact: true }).click();
    const detail = page.locator(`#detail[data-name="${victim}"]`);
    await detail.locator('.why', { hasText: 'It used up its attempts. Exit code 7.' }).waitFor();
    const events = detail.locator('.events li');
    await events.filter({ hasText: 'used up: no other is made until a person acts' }).waitFor();
    expect(await events.filter({ hasText: 'with exit code 7' }).count()).toBe(2);
    expect(await events.filter({ hasText: 'by a signal' }).count()).toBe(1);
    expect(await events.filter({ hasText: /^.*attempt [12]: it is started/ }).count()).toBe(2);
    expect(await violations(page)).toEqual([]);

    // What they need is mended, and another policy begins a new window.
    rmSync(broken);
    await page.getByRole('button', { name: `Edit policy of ${victim}` }).click();
    await page.getByRole('textbox', { name: 'Most attempts' }).fill('5');
    await page.getByRole('dialog').getByRole('status').getByText('After 5 attempts in a row').waitFor();
    await page.getByRole('button', { name: 'Save the policy' }).click();
    await detail.locator('dd', { hasText: /^Running$/ }).waitFor();
    // It runs, and nobody is told that all is well again.
    expect(await detail.getAttribute('data-condition')).toBe('flapping');
    expect(await client.instances.get(victim)).toMatchObject({ state: 'Running', restart_policy: { max_attempts: 5 } });

    // A stop that holds, for as long as another one takes to be killed and to come back.
    await page.getByRole('button', { name: `Stop ${victim}` }).click();
    await detail.locator('.condition', { hasText: 'Stopped' }).waitFor();
    const stoppedAt = log.length;
    const other = fleet[crashing] ?? '';
    process.kill(Number(readFileSync(pidOf(other), 'utf8')), 'SIGKILL');
    await logs(decided(idOf(other), 'restart_after_exit'), stoppedAt);
    await client.instances.wait(other, { state: 'Running' });
    const acted = log
      .slice(stoppedAt)
      .filter(({ instance, action }) => instance === idOf(victim) && action !== undefined);
    expect(acted).toEqual([]);
    expect(await client.instances.get(victim)).toMatchObject({
      state: 'Stopped',
      restart_status: { blocked_reason: 'manual_stop' },
    });
    await page.getByRole('link', { name: 'All instances' }).click();
    await page.getByRole('button', { name: `Blocked ${blockedBefore + crashing - 1}` }).waitFor();
    expect(browser.complaints).toEqual([]);
  }, 180_000);
});
