/** The page in a browser, over the real server. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { type RestartPolicy, restartReasons } from 'restart-policy';
import { faultSteps } from 'restart-policy/controller';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demandBrowser, isThere } from '../../../support/chromium.js';
import { type ApiServer, decided, openServers, type Servers, shell } from '../api-server.js';
import { type Browser, openBrowser, scrollsSideways, sizes, smallTargets, violations } from './browser.js';
import { fleetOf, instanceWith, statusWith } from './shown.js';

const image = 'none';

test('a Chromium is there to look at the page with', () => demandBrowser('The page is'));

describe.runIf(isThere)('the page, in a browser', () => {
  let servers: Servers;
  let server: ApiServer;
  let browser: Browser;
  let page: Page;
  let isGone = false;

  beforeAll(async () => {
    servers = openServers();
    server = await servers.begin({ BEYOND: '1' });
    browser = await openBrowser();
    page = browser.page;
    await page.goto(server.address);
  });
  afterEach(async () => {
    await page.unrouteAll();
    await page.setViewportSize({ width: 1_120, height: 760 });
    if (isGone) return;
    for (const { id } of await server.client.instances.list()) await server.client.instances.delete(id);
    await page.goto(server.address);
  });
  afterAll(async () => {
    await browser?.close();
    await servers.end();
  });

  const row = (name: string): Locator => page.locator(`.row[data-name="${name}"]`);
  const detail = (): Locator => page.locator('#detail');
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
  const open = async (name: string): Promise<Locator> => {
    await row(name).getByRole('link', { name }).click();
    await page.locator(`#detail[data-name="${name}"]`).waitFor();
    return detail();
  };
  /** Instead of what the server knows; `now` is the moment that the page takes it for. */
  const showing = async (instances: ReturnType<typeof fleetOf>, now = Date.now(), beyond = true): Promise<void> => {
    await page.route('**/overview', (route) => route.fulfill({ json: { now, beyond, instances } }));
    await page.goto(server.address);
    await page.locator('.row').first().waitFor();
  };

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
    await page.locator('.row[data-name="crasher"][data-condition="waiting"]').waitFor();
    const crasher = await open('crasher');
    expect(await crasher.locator('dd').first().textContent()).toBe('Stopped, exit code 7');
    expect(await crasher.locator('.why').textContent()).toBe('The next attempt waits for the backoff. Exit code 7.');
    expect(await crasher.locator('.policy p').textContent()).toContain('After 5 attempts in a row');
    const before = Number.parseInt(String(await crasher.locator('.seconds').textContent()), 10);
    expect(before).toBeGreaterThan(1);
    expect(before).toBeLessThanOrEqual(20);
    // Any whole number of seconds below it, and without the server's help.
    await page.route('**/overview', (route) => route.abort());
    const fewer = Array.from({ length: before - 1 }, (_, count) => count + 1).join('|');
    await crasher.locator('.seconds', { hasText: new RegExp(`^(${fewer}) s$`) }).waitFor();
    await page.unroute('**/overview');

    await button('Stop crasher').click();
    await crasher.locator('.why', { hasText: 'A person stopped it, and it stays stopped' }).waitFor();
    expect(await crasher.locator('.wait').isVisible()).toBe(false);
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
    expect(await crasher.locator('dd').first().textContent()).toContain('Stopped');

    // Answered before the delete, which would win over it.
    const started = page.waitForResponse((answer) => answer.url().endsWith('/start'));
    await button('Start crasher').click();
    expect((await started).status()).toBe(200);
    await crasher.locator('.events li', { hasText: 'a person started it' }).first().waitFor();
    await client.instances.delete(id);
    await row('crasher').waitFor({ state: 'detached' });
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
    const paused = await open('paused');
    await button('Pause paused').click();
    await paused.locator('.why', { hasText: 'A person paused its supervision' }).waitFor();
    expect(await paused.getAttribute('data-condition')).toBe('paused');

    const pausedAt = log.length;
    writeFileSync(join(servers.directory, 'end'), '');
    await paused.locator('dd', { hasText: 'Stopped, exit code 7' }).waitFor();
    expect(log.slice(pausedAt).filter(({ instance, action }) => instance === id && action !== undefined)).toEqual([]);

    await button('Resume paused').click();
    await logs(decided(id, 'restart_after_exit'), pausedAt);
    await button('Pause paused').waitFor();
    await client.instances.stop(id);
    await paused.locator('.why', { hasText: 'A person stopped it, and it stays stopped' }).waitFor();
    expect(await button('Pause paused').getAttribute('aria-disabled')).toBe('true');
  });

  test('keeps the focus where it was after each action, and reads out what came of it', async () => {
    const { client } = server;
    await client.instances.create({
      name: 'web',
      image,
      cmd: ['sleep', '3600'],
      restart_policy: { policy: 'always' },
    });
    const link = row('web').getByRole('link', { name: 'web' });
    await row('web').locator('.condition', { hasText: 'Running' }).waitFor();
    const focused = () =>
      page.evaluate('document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent');
    // By the keyboard alone.
    await link.focus();
    await page.keyboard.press('Enter');
    await detail().waitFor();
    expect(await focused()).toBe('web');
    for (const [verb, reason] of [
      ['Stop', 'A person stopped it, and it stays stopped'],
      ['Start', 'It is running'],
      ['Pause', 'A person paused its supervision'],
    ] as const) {
      await button(`${verb} web`).focus();
      await page.keyboard.press('Enter');
      await detail().locator('.why', { hasText: reason }).waitFor();
      await page.locator('[aria-live=polite]', { hasText: `web: ${reason}` }).waitFor({ state: 'attached' });
      // The same button, whatever it is called by now.
      expect(await focused()).toBe(verb === 'Pause' ? 'Resume web' : `${verb} web`);
    }
    // A delete that is not meant leaves everything as it is; one that is meant leads back to the list.
    await button('Delete').focus();
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('Cancel');
    await page.keyboard.press('Enter');
    await page.locator('#confirmation').waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Delete');
    expect(await client.instances.list()).toHaveLength(1);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Delete web');
    await page.keyboard.press('Enter');
    await detail().waitFor({ state: 'hidden' });
    expect(await focused()).toBe('Instances');
    expect(await client.instances.list()).toEqual([]);
  });

  test('creates an instance, and says of a policy as one types what it does, what is odd, and what is wrong', async () => {
    const { client } = server;
    await button('New instance').click();
    const editor = page.getByRole('dialog', { name: 'New instance' });
    const says = editor.getByRole('status');
    await editor.getByLabel('Name').fill('typed');
    await editor.getByLabel('Command').fill('exec sleep 3600');
    await editor.getByLabel('Restart', { exact: true }).selectOption('always');
    await editor.getByLabel('Backoff', { exact: true }).fill('1s');
    await says.getByText(/\b1 s\b/).waitFor();
    await editor.getByLabel('Most attempts', { exact: true }).fill('5');
    await editor.getByLabel('Limit interval', { exact: true }).fill('2s');
    // Five waits of a second do not fit into two.
    await says.locator('.warnings li').first().waitFor();

    await editor.getByLabel('Backoff', { exact: true }).fill('soon');
    await editor.getByText('backoff must be a valid duration').waitFor();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.getAttribute("name")')).toBe('backoff');
    expect(await client.instances.list()).toEqual([]);
    await editor.getByLabel('Backoff', { exact: true }).fill('1s');
    await editor.getByLabel('Limit interval', { exact: true }).fill('');
    await editor.getByLabel('Rules', { exact: true }).fill('[{ "exit_codes": [78], "action": "stop" }]');
    await button('Create and start it').click();
    await editor.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('New instance');

    await open('typed');
    expect((await client.instances.get('typed')).restart_policy).toMatchObject({
      policy: 'always',
      backoff: '1s',
      max_attempts: 5,
      rules: [{ exit_codes: [78], action: 'stop' }],
    });
    await button('Edit policy of typed').click();
    const edited = page.getByRole('dialog', { name: 'Policy of typed' });
    expect(await edited.getByLabel('Most attempts', { exact: true }).inputValue()).toBe('5');
    await edited.getByLabel('Most attempts', { exact: true }).fill('7');
    await button('Save the policy').click();
    await edited.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement?.getAttribute("aria-label")')).toBe('Edit policy of typed');
    await detail().locator('.policy', { hasText: 'After 7 attempts in a row' }).waitFor();
    expect((await client.instances.get('typed')).restart_policy).toMatchObject({ max_attempts: 7 });

    // What the server refuses is said in the form, which stays as it is.
    await button('New instance').click();
    await editor.getByLabel('Name').fill('typed');
    await editor.getByLabel('Command').fill('true');
    await button('Create and start it').click();
    await editor.getByRole('alert').getByText('An instance named typed exists.').waitFor();
    await page.keyboard.press('Escape');
  });

  test('shows each way in which an instance waits, and counts and filters by it', async () => {
    const now = Date.now();
    const limit = { attempts: 4, lastAttemptAt: now - 60_000, blockedReason: 'max_attempts_exceeded' } as const;
    const stopped = { state: 'Stopped', exitCode: 1 } as const;
    await showing(
      [
        instanceWith({
          name: 'cooling',
          ...stopped,
          reason: 'cooling_down',
          status: statusWith({ ...limit, nextAttemptAt: now + 3_540_000 }),
        }),
        instanceWith({
          name: 'waiting',
          ...stopped,
          reason: 'waiting_for_backoff',
          status: statusWith({ attempts: 1, nextAttemptAt: now + 50_000 }),
        }),
        instanceWith({ name: 'blocked', ...stopped, reason: 'max_attempts_exceeded', status: statusWith(limit) }),
        instanceWith({ name: 'flapping', recentAttempts: 12, status: statusWith({ attempts: 2 }) }),
        instanceWith({ name: 'well' }),
      ],
      now,
    );
    expect(await page.locator('.row .name').allTextContents()).toEqual([
      'blocked',
      'flapping',
      'cooling',
      'waiting',
      'well',
    ]);
    expect(await row('flapping').locator('.condition').textContent()).toBe('Flapping');
    expect(await row('flapping').locator('.why').textContent()).toBe('12 attempts within an hour, and not stable yet.');
    expect(await row('waiting').locator('.next').textContent()).toMatch(/^next in (49|50) s$/);
    expect(await page.locator('.chip:visible').allTextContents()).toEqual([
      'All5',
      'Blocked1',
      'Flapping1',
      'Cooling down1',
      'Waiting1',
      'Running1',
    ]);
    await button('Flapping 1').click();
    expect(await page.locator('.row .name').allTextContents()).toEqual(['flapping']);
    await button('Flapping 1').click();
    await page.getByLabel('Search').fill('wai');
    expect(await page.locator('.row .name').allTextContents()).toEqual(['waiting']);
    await page.getByLabel('Search').fill('nobody');
    await page.getByText('None is like that.').waitFor();
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Sort by').selectOption('name');
    expect((await page.locator('.row .name').allTextContents())[1]).toBe('cooling');
    await open('cooling');
    expect(await detail().locator('.wait').textContent()).toMatch(/^Cooldown ends in5\d min/);
  });

  test('leads back to the row that one came from, however far down, and to none for an address that names none', async () => {
    const fleet = fleetOf(500, Date.now());
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      await showing(fleet);
      await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight * 0.6)');
      const inTheMiddle = page.locator('.row[aria-posinset="300"] .name');
      await inTheMiddle.waitFor({ state: 'attached' });
      const name = (await inTheMiddle.textContent()) ?? '';
      await open(name);
      expect((await page.locator('#detail-name').boundingBox())?.y).toBeGreaterThanOrEqual(0);
      // Where there is room for both, the list shows which of them it is.
      if (width === 1_440) await row(name).locator('[aria-current]').waitFor();
      await page.getByRole('link', { name: 'All instances' }).click();
      await detail().waitFor({ state: 'hidden' });
      expect(await page.evaluate('document.activeElement?.textContent')).toBe(name);
      const box = await row(name).boundingBox();
      expect(box?.y).toBeGreaterThanOrEqual(0);
      expect(box?.y).toBeLessThan(height - 44);
    }
    await page.goto(`${server.address}/#%`);
    await page.locator('.row').first().waitFor();
    expect(await detail().isVisible()).toBe(false);
  });

  test('takes the focus from nobody who is elsewhere when the instance that is shown is deleted', async () => {
    await showing([instanceWith({ name: 'gone' }), instanceWith({ name: 'web' })]);
    await open('gone');
    await page.getByLabel('Search').focus();
    await page.route('**/overview', (route) =>
      route.fulfill({ json: { now: Date.now(), beyond: true, instances: [instanceWith({ name: 'web' })] } }),
    );
    await detail().waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement?.id')).toBe('search');
  });

  test('saves once, however often one presses, and closes no form but the one that was saved', async () => {
    await showing([instanceWith({ name: 'web' })]);
    let asked = 0;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/instances', async (route) => {
      asked++;
      await released;
      await route.fulfill({ status: 201, json: {} });
    });
    await button('New instance').click();
    const created = page.getByRole('dialog', { name: 'New instance' });
    await created.getByLabel('Name').fill('new');
    await created.getByLabel('Command').fill('true');
    await button('Create and start it').click();
    await created.getByLabel('Command').press('Enter');
    await page.keyboard.press('Escape');
    await open('web');
    await button('Edit policy of web').click();
    const edited = page.getByRole('dialog', { name: 'Policy of web' });
    await edited.waitFor();
    const saved = page.waitForResponse('**/instances');
    release();
    await saved;
    // The answer is followed by another look at the fleet, before which a form would not be closed.
    for (let look = 0; look < 3; look++) await page.waitForResponse('**/overview');
    expect(await edited.isVisible()).toBe(true);
    expect(asked).toBe(1);
  });

  test('offers a start to what runs and is held back all the same, and to nothing that runs well', async () => {
    await showing([
      instanceWith({ name: 'blocked', status: statusWith({ attempts: 3, blockedReason: 'max_attempts_exceeded' }) }),
      instanceWith({ name: 'stopping', status: statusWith({ blockedReason: 'manual_stop' }) }),
      instanceWith({ name: 'well' }),
    ]);
    for (const [name, disabled] of [
      ['blocked', 'false'],
      ['stopping', 'false'],
      ['well', 'true'],
    ] as const) {
      await open(name);
      expect(await button(`Start ${name}`).getAttribute('aria-disabled')).toBe(disabled);
    }
  });

  test('says which fields another policy drops where the server does not take them', async () => {
    const policy = { ...instanceWith().policy, cooldown: 60_000, limitInterval: 60_000 } as RestartPolicy;
    await showing([instanceWith({ name: 'web', policy }), instanceWith({ name: 'db' })], Date.now(), false);
    const drops = page.getByRole('dialog').getByText('another policy drops them: Limit interval, Cooldown.');
    await open('web');
    await button('Edit policy of web').click();
    await drops.waitFor();
    await page.keyboard.press('Escape');
    await open('db');
    await button('Edit policy of db').click();
    expect(await drops.count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  test('says so when the server hangs, for what is shown may be long out of date', async () => {
    await showing([instanceWith({ name: 'web' })]);
    await page.route('**/overview', () => {});
    await page.locator('#trouble', { hasText: 'The server does not answer' }).waitFor();
  });

  test('holds the order of the rows while somebody is about to press one', async () => {
    const well = ['a', 'b', 'c'].map((name) => instanceWith({ name }));
    const ill = well.map((instance) =>
      instance.name === 'c' ? { ...instance, health: 'unhealthy' as const } : instance,
    );
    await showing(well);
    await row('b').hover();
    await page.unroute('**/overview');
    await page.route('**/overview', (route) =>
      route.fulfill({ json: { now: Date.now(), beyond: true, instances: ill } }),
    );
    await page.locator('.row[data-name="c"][data-condition="unhealthy"]').waitFor();
    const names = () =>
      page
        .locator('.row')
        .evaluateAll((rows) =>
          rows
            .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
            .map((each) => each.dataset['name']),
        );
    expect(await names()).toEqual(['a', 'b', 'c']);
    await page.mouse.move(0, 0);
    await expect.poll(names).toEqual(['c', 'a', 'b']);
  });

  test('tells of an instance with its reasons and exit codes, with the date and the zone, and links to the manual', async () => {
    const { client, logs } = server;
    const { id } = await client.instances.create({
      name: 'crasher',
      image,
      cmd: shell('exit 7'),
      restart_policy: { policy: 'always', backoff: '10ms', max_attempts: 12 },
    });
    await logs(decided(id, 'max_attempts_exceeded'));
    await open('crasher');
    const events = detail().locator('.events li');
    await events.filter({ hasText: 'used up' }).first().waitFor();
    await events.filter({ hasText: 'with exit code 7' }).first().waitFor();
    expect(await events.first().locator('time').textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+$/);
    expect(await events.count()).toBe(15);
    await button('Show older').click();
    await events.filter({ hasText: 'a person started it' }).waitFor();
    const picture = detail().locator('.timeline img');
    await picture.waitFor();
    expect(await picture.getAttribute('alt')).toMatch(/12 attempts/);
    expect(await picture.evaluate((image) => Reflect.get(image, 'naturalWidth'))).toBeGreaterThan(200);

    await events.locator('a', { hasText: 'max_attempts_exceeded' }).first().click();
    await page.locator('tr#max_attempts_exceeded:target').waitFor();
    const ids = await page.locator('tr[id]').evaluateAll((rows) => rows.map((each) => each.id));
    expect(ids).toEqual([...restartReasons, ...faultSteps]);
    await page.goBack();
  });

  test('shows markup in a command as the text that it is, and a start that is refused', async () => {
    const { client } = server;
    const markup = '<img src=x onerror="document.title=1">';
    await client.instances.create({ name: 'markup', image, cmd: shell(`exit 0 # ${markup}`) });
    await row('markup').locator('.command', { hasText: markup }).waitFor();
    expect(await page.locator('.row img').count()).toBe(0);
    await open('markup');
    await page.route('**/start', (route) =>
      route.fulfill({ status: 422, json: { code: 'refused', message: `cannot run ${markup}` } }),
    );
    await button('Start markup').click();
    await detail().getByRole('alert').getByText(`Cannot run ${markup}.`).waitFor();
    expect(await page.title()).toBe('Instances');
    await page.unroute('**/start');
  });

  test('has room for everything at every width, with targets large enough, and nothing that the checker finds', async () => {
    const { client, logs } = server;
    const { id } = await client.instances.create({
      name: 'crasher-with-a-name-as-long-as-a-name-may-be-which-is-63-chars',
      image,
      cmd: shell('exit 7 # and a command that does not fit into one line of a telephone either'),
      restart_policy: { policy: 'on_failure', backoff: '10ms', max_attempts: 4 },
    });
    await logs(decided(id, 'max_attempts_exceeded'));
    const name = (await client.instances.get(id)).name;
    const looks = async (where: string): Promise<void> => {
      expect(await violations(page), where).toEqual([]);
      for (const [width, height] of sizes) {
        await page.setViewportSize({ width, height });
        expect(await scrollsSideways(page), `${where}, sideways at ${width} pixels`).toBe(false);
        expect(await smallTargets(page), `${where}, small at ${width} pixels`).toEqual([]);
      }
    };
    await row(name).waitFor();
    await looks('the list');
    await open(name);
    await detail().locator('.events li').first().waitFor();
    await looks('an instance');
    await page.getByRole('button', { name: /^Edit policy/ }).click();
    await looks('the editor');
    await page.keyboard.press('Escape');
    await button('Delete').click();
    await looks('the confirmation');
    await page.keyboard.press('Escape');
    await page.goto(`${server.address}/manual`);
    await looks('the manual');
    await page.goto(server.address);
    await client.instances.delete(id);
    await showing(fleetOf(500, Date.now()));
    await looks('a fleet');
  }, 120_000);

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
    // But for the requests that a test broke, or whose instance it deleted.
    const broken = ['127.0.0.1:9', '422', '400', '404', 'ERR_FAILED'];
    const own = browser.complaints.filter((text) => !broken.some((part) => text.includes(part)));
    expect(own).toEqual([]);
  });

  test('has its pictures taken: three instances, and a fleet', async () => {
    const { client, logs } = server;
    const create = (name: string, script: string, policy: 'always' | 'on_failure', backoff: string, most: number) =>
      client.instances.create({
        name,
        image,
        cmd: shell(script),
        restart_policy: { policy, backoff, max_attempts: most },
      });
    await create('web', 'exec sleep 3600', 'always', '5s', 0);
    const crasher = await create('crasher', 'sleep 0.4; exit 7', 'on_failure', '1s', 5);
    const stopped = await create('stopped', 'exec sleep 3600', 'always', '5s', 0);
    await client.instances.stop(stopped.id);
    await logs(decided(crasher.id, 'max_attempts_exceeded'));
    await page.setViewportSize({ width: 1_280, height: 900 });
    await page.locator('.row[data-name="crasher"][data-condition="blocked"]').waitFor();
    await open('crasher');
    await detail().locator('.timeline img').waitFor();
    const shoot = async (file: string): Promise<void> => {
      const path = process.env['UPDATE_SCREENSHOT']
        ? fileURLToPath(new URL(`../../../../docs/${file}`, import.meta.url))
        : join(browser.directory, file);
      await page.mouse.move(0, 0);
      await page.screenshot({ path });
      expect(statSync(path).size).toBeLessThan(200_000);
    };
    await shoot('hypeman-example.png');
    await showing(fleetOf(500, Date.now()));
    await page.emulateMedia({ colorScheme: 'dark' });
    await shoot('hypeman-example-fleet.png');
    await page.emulateMedia({ colorScheme: 'light' });
  });

  test('says so when the server is gone', async () => {
    isGone = true;
    await server.kill('SIGKILL');
    await page.locator('#trouble', { hasText: 'The server does not answer' }).waitFor();
  });
});
