import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { explainReason, initialStatus, type RestartPolicy, type RestartReason, type Timestamp } from 'restart-policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OverviewInstance } from '../../../examples/03-hypeman-api/overview.js';
import { type ApiServer, decided, openServers, type Servers, shell } from './api-server.js';

const executablePath = '/usr/bin/chromium';
const isThere = existsSync(executablePath);
const image = 'none';

test('a Chromium is there to look at the page with', () => {
  if (isThere) return;
  if (process.env['CI']) throw new Error(`${executablePath} is missing: apt-get install chromium`);
  console.warn(`\n*** The page is NOT tested: ${executablePath} is missing (apt-get install chromium). ***\n`);
});

/** Instances as the server would show them, in states that take long to come to. */
const shown = (now: Timestamp): ReadonlyArray<OverviewInstance> => {
  const policy: RestartPolicy = { mode: 'on_failure', backoff: 10_000, maxAttempts: 3, stableAfter: 600_000 };
  const of = (name: string, reason: RestartReason, known: Partial<OverviewInstance>): OverviewInstance => ({
    id: `id-${name}`,
    name,
    command: ['/bin/false'],
    state: 'Stopped',
    stateError: null,
    exitCode: 1,
    health: 'disabled',
    policy,
    status: initialStatus,
    timeline: [{ at: now - 60_000, kind: 'decision', reason, text: explainReason(reason) }],
    ...known,
  });
  const attempts = { ...initialStatus, attempts: 4, lastAttemptAt: now - 60_000 };
  return [
    of('cooling', 'cooling_down', {
      policy: {
        ...policy,
        maxBackoff: 300_000,
        jitter: 0.25,
        backoffFrom: 'exit',
        limitInterval: 600_000,
        cooldown: 3_600_000,
        startTimeout: 120_000,
        rules: [{ exitCodes: [78], action: 'stop' }, { action: 'restart' }],
      },
      status: {
        ...attempts,
        blockedReason: 'max_attempts_exceeded',
        nextAttemptAt: now + 3_540_000,
        recentAttempts: [now - 900_000, now - 120_000, now - 60_000],
      },
    }),
    of('waiting', 'waiting_for_backoff', {
      policy: { ...policy, maxBackoff: 300_000 },
      status: { ...attempts, nextAttemptAt: now + 50_000 },
    }),
    of('blocked', 'max_attempts_exceeded', { status: { ...attempts, blockedReason: 'max_attempts_exceeded' } }),
    of('paused', 'paused', { state: 'Running', exitCode: null, status: { ...attempts, blockedReason: 'paused' } }),
    of('ended', 'stopped_by_rule', { exitCode: 78 }),
    of('hung', 'restart_after_start_timeout', {
      state: 'Initializing',
      exitCode: null,
      status: { ...attempts, lastReason: 'start_timeout' },
    }),
  ];
};

describe.runIf(isThere)('the page, in a browser', () => {
  let servers: Servers;
  let server: ApiServer;
  let directory: string;
  let browser: BrowserContext;
  let page: Page;
  /** What the browser complained of. */
  const complaints: Array<string> = [];

  beforeAll(async () => {
    servers = openServers();
    server = await servers.begin();
    directory = mkdtempSync(join(tmpdir(), 'restart-policy-browser-'));
    browser = await chromium.launchPersistentContext(join(directory, 'user'), {
      executablePath,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
      viewport: { width: 1120, height: 760 },
      colorScheme: 'light',
    });
    page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.address);
  });
  afterAll(async () => {
    await browser?.close();
    await servers.end();
    rmSync(directory, { recursive: true });
  });

  const card = (name: string): Locator => page.locator(`article[data-name="${name}"]`);

  test('says that there is nothing while there is nothing', async () => {
    await page.getByText('There are none yet').waitFor();
  });

  test('shows a crash and a countdown that goes down, and lets a person stop it, which holds', async () => {
    const { client, logs, log } = server;
    const { id } = await client.instances.create({
      name: 'crasher',
      image,
      cmd: shell('sleep 0.2; exit 7'),
      restart_policy: { policy: 'on_failure', backoff: '20s', max_attempts: 5 },
    });
    const crasher = card('crasher');
    await crasher.locator('.seconds').waitFor();
    expect(await crasher.locator('.state').textContent()).toBe('Stopped, exit code 7');
    expect(await crasher.locator('dd:visible').allInnerTexts()).toEqual([
      'on_failure, backoff 20s, at most 5, stable after 10m',
      '1 of 5',
    ]);
    expect(await crasher.locator('.why').textContent()).toBe('The next attempt waits for the backoff.');
    const before = Number.parseInt(String(await crasher.locator('.seconds').textContent()), 10);
    expect(before).toBeGreaterThan(1);
    expect(before).toBeLessThanOrEqual(20);
    // Any whole number of seconds below it, and without the server's help.
    await page.route('**/overview', (route) => route.abort());
    const fewer = Array.from({ length: before }, (_, count) => count).join('|');
    await crasher.locator('.seconds', { hasText: new RegExp(`^(${fewer})\\.\\d s$`) }).waitFor();
    await page.unroute('**/overview');

    await crasher.getByRole('button', { name: 'Stop crasher' }).click();
    await crasher.locator('.why', { hasText: 'A person stopped it, and it stays stopped' }).waitFor();
    expect(await crasher.locator('.wait').isVisible()).toBe(false);
    expect(await crasher.locator('.state').textContent()).toContain('Stopped');
    expect(await client.instances.get(id)).toMatchObject({ restart_status: { blocked_reason: 'manual_stop' } });

    // It holds for as long as another instance takes to use its attempts up.
    const stoppedAt = log.length;
    const other = await client.instances.create({
      name: 'other',
      image,
      cmd: ['false'],
      restart_policy: { policy: 'always', backoff: '200ms', max_attempts: 2 },
    });
    await logs(decided(other.id, 'max_attempts_exceeded'));
    expect(log.slice(stoppedAt).filter(({ instance, action }) => instance === id && action !== undefined)).toEqual([]);
    expect(await crasher.locator('.state').textContent()).toContain('Stopped');

    // Answered before the delete, which would win over it.
    const started = page.waitForResponse((answer) => answer.url().endsWith('/start'));
    await crasher.getByRole('button', { name: 'Start crasher' }).click();
    expect((await started).status()).toBe(200);
    await crasher.locator('li', { hasText: 'a person started it' }).first().waitFor();
    await client.instances.delete(id);
    await crasher.waitFor({ state: 'detached' });
    await client.instances.delete(other.id);
  });

  test('lets a person pause the supervision of an instance, which then stays down, and resume it', async () => {
    const { client, logs, log } = server;
    const { id } = await client.instances.create({
      name: 'paused',
      image,
      cmd: shell('while test ! -e "$FILE"; do sleep 0.05; done; exit 7'),
      env: { FILE: join(servers.directory, 'end') },
      restart_policy: { policy: 'always', backoff: '1s' },
    });
    const paused = card('paused');
    await paused.getByRole('button', { name: 'Pause paused' }).click();
    await paused.locator('.why', { hasText: 'A person paused its supervision' }).waitFor();
    expect(await paused.getAttribute('data-condition')).toBe('paused');

    const pausedAt = log.length;
    writeFileSync(join(servers.directory, 'end'), '');
    await paused.locator('.state', { hasText: 'Stopped, exit code 7' }).waitFor();
    expect(log.slice(pausedAt).filter(({ instance, action }) => instance === id && action !== undefined)).toEqual([]);

    await paused.getByRole('button', { name: 'Resume paused' }).click();
    await logs(decided(id, 'restart_after_exit'), pausedAt);
    await paused.getByRole('button', { name: 'Pause paused' }).waitFor();
    await client.instances.stop(id);
    await paused.locator('.why', { hasText: 'A person stopped it, and it stays stopped' }).waitFor();
    expect(await paused.getByRole('button', { name: 'Pause paused' }).isDisabled()).toBe(true);
    await client.instances.delete(id);
  });

  test('shows what a policy says beyond a backoff and a limit, and each way in which an instance waits', async () => {
    const now = Date.now();
    await page.route('**/overview', (route) => route.fulfill({ json: { now, instances: shown(now) } }));
    const condition = (name: string) => card(name).getAttribute('data-condition');
    const wait = (name: string) => card(name).locator('.wait > span').allInnerTexts();

    await card('cooling').waitFor();
    expect(await condition('cooling')).toBe('cooling');
    expect((await wait('cooling'))[0]).toBe('Cooldown ends in');
    expect(await card('cooling').locator('dd:visible').allInnerTexts()).toEqual([
      'on_failure, backoff 10s growing to 5m plus up to 25\u00a0% from the exit, at most 3 within 10m, cooldown 1h, ' +
        'stable after 10m, start time-out 2m, 2 rules',
      '4, 2 of 3 within 10m',
    ]);
    expect(await condition('waiting')).toBe('waiting');
    expect((await wait('waiting'))[0]).toBe('Next attempt in');
    // Half of a wait that has grown, and not the whole of the backoff.
    const bar = await card('waiting')
      .locator('progress')
      .evaluate((made) => Number(Reflect.get(made, 'position')));
    expect(bar).toBeGreaterThan(0.3);
    expect(bar).toBeLessThan(0.6);
    expect(await condition('blocked')).toBe('blocked');
    expect(await card('blocked').locator('.wait').isVisible()).toBe(false);
    expect(await condition('paused')).toBe('paused');
    expect(await card('paused').getByRole('button', { name: 'Resume paused' }).isEnabled()).toBe(true);
    expect(await card('ended').locator('.why').textContent()).toBe(
      'It ended, and a rule of its policy leaves it stopped.',
    );
    expect(await card('hung').locator('.why').textContent()).toBe(
      'It did not get going in time, and its policy restarts it.',
    );
    for (const [width, height] of [
      [320, 640],
      [800, 600],
      [1600, 900],
    ] as const) {
      await page.setViewportSize({ width, height });
      const scrolls = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
      expect(scrolls, `sideways at ${width} pixels`).toBe(false);
    }
    await page.setViewportSize({ width: 1120, height: 760 });
    await page.unroute('**/overview');
    await card('cooling').waitFor({ state: 'detached' });
  });

  test('tells a screen reader what is new, and what each button is for', async () => {
    const { client } = server;
    const { id } = await client.instances.create({ name: 'web', image, cmd: ['sleep', '3600'] });
    const stop = card('web').getByRole('button', { name: 'Stop web' });
    await card('web').locator('.state', { hasText: 'Running' }).waitFor();
    expect(await card('web').getByRole('button', { name: 'Start web' }).isDisabled()).toBe(true);
    // By the keyboard alone.
    await stop.focus();
    await page.keyboard.press('Enter');
    await page.locator('[aria-live=polite]', { hasText: 'web: a person stopped it' }).waitFor({ state: 'attached' });
    expect(await page.getByRole('article', { name: 'web' }).count()).toBe(1);
    await client.instances.delete(id);
  });

  test('shows markup in a command as the text that it is, and a start that is refused', async () => {
    const { client } = server;
    const markup = '<img src=x onerror="document.title=1">';
    const { id } = await client.instances.create({ name: 'markup', image, cmd: shell(`exit 0 # ${markup}`) });
    await card('markup').locator('.command', { hasText: markup }).waitFor();
    expect(await page.locator('article img').count()).toBe(0);

    await page.route('**/start', (route) =>
      route.fulfill({ status: 422, json: { code: 'refused', message: `cannot run ${markup}` } }),
    );
    await card('markup').getByRole('button', { name: 'Start markup' }).click();
    await card('markup').getByRole('alert').getByText(`Cannot run ${markup}.`).waitFor();
    expect(await page.title()).toBe('Instances');
    await page.unroute('**/start');
    await client.instances.delete(id);
  });

  test('asks nobody but its own server, which the policy sees to, and complains of nothing', async () => {
    const response = await page.reload();
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'");
    const outcome = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'fetched',
        (error: unknown) => String(error),
      ),
    );
    expect(outcome).toContain('Failed to fetch');
    // But for the requests that a test broke.
    const broken = ['127.0.0.1:9', '422', 'ERR_FAILED'];
    const own = complaints.filter((text) => !broken.some((part) => text.includes(part)));
    expect(own).toEqual([]);
  });

  test('has its picture taken', async () => {
    const { client, logs } = server;
    const create = (
      name: string,
      script: string,
      policy: 'always' | 'on_failure',
      backoff: string,
      max_attempts: number,
    ) =>
      client.instances.create({ name, image, cmd: shell(script), restart_policy: { policy, backoff, max_attempts } });
    await create('web', 'exec sleep 3600', 'always', '5s', 0);
    const crasher = await create('crasher', 'exit 7', 'on_failure', '30s', 5);
    const stopped = await create('stopped', 'exec sleep 3600', 'always', '5s', 0);
    await client.instances.stop(stopped.id);
    await logs(decided(crasher.id, 'waiting_for_backoff'));
    await card('stopped').locator('.why', { hasText: 'A person stopped it' }).waitFor();
    await card('crasher').locator('.seconds').waitFor();

    const path = process.env['UPDATE_SCREENSHOT']
      ? fileURLToPath(new URL('../../../docs/hypeman-example.png', import.meta.url))
      : join(directory, 'page.png');
    await page.setViewportSize({ width: 1120, height: 620 });
    await page.screenshot({ path });
    expect(statSync(path).size).toBeLessThan(200_000);
  });

  test('says so when the server is gone', async () => {
    await server.kill('SIGKILL');
    await page.getByRole('status').getByText('The server does not answer').waitFor();
  });
});
