/** What operators are handed beside the metrics: alerts that Prometheus accepts, a dashboard that shows what there is. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type MetricName, metricNames } from 'restart-policy/metrics';
import { describe, expect, test } from 'vitest';
import { findPromtool } from '../../scripts/promtool.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const promtool = findPromtool();

/** As Prometheus names them: what is told of a metric under several names is one of these. */
const exported: Readonly<Record<MetricName, ReadonlyArray<string>>> = {
  'restart_policy.decisions': ['restart_policy_decisions_total'],
  'restart_policy.faults': ['restart_policy_faults_total'],
  'restart_policy.attempts': ['restart_policy_attempts_total'],
  'restart_policy.start.duration': ['restart_policy_start_duration(_seconds)?_bucket'],
  'restart_policy.instance.state': ['restart_policy_instance_state'],
  'restart_policy.controller.queued_instances': ['restart_policy_controller_queued_instances'],
  'restart_policy.controller.active_instances': ['restart_policy_controller_active_instances'],
  'restart_policy.controller.waiting_instances': ['restart_policy_controller_waiting_instances'],
  'restart_policy.controller.starting_instances': ['restart_policy_controller_starting_instances'],
  'restart_policy.controller.armed_wake_ups': ['restart_policy_controller_armed_wake_ups'],
};
const labels = [
  'restart_policy_reason',
  'restart_policy_during',
  'restart_policy_cause',
  'restart_policy_outcome',
  // The state of an instance is a metric and its label.
  'restart_policy_instance_state',
];

/** Every word of ours in an expression. */
const namesIn = (text: string): ReadonlyArray<string> => [
  ...new Set([...text.matchAll(/restart_policy_\w+(?:\(_seconds\)\?_bucket)?/g)].map(([name]) => name)),
];

interface Panel {
  readonly title: string;
  readonly targets: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>;
}
const panels: ReadonlyArray<Panel> = JSON.parse(read('docs/dashboard.json')).panels;
const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test('promtool is there to check the alerts with', () => {
  if (promtool !== null) return;
  if (process.env['CI']) throw new Error('promtool is missing: node scripts/system-parts.mjs');
  console.warn('\n*** The alerts are NOT tested: promtool is missing (node scripts/system-parts.mjs). ***\n');
});

describe.runIf(promtool !== null)('the alerts', () => {
  const check = async (...args: ReadonlyArray<string>): Promise<string> => {
    const { stdout, stderr } = await run(promtool ?? '', args, { cwd: root }).catch((error) => error);
    return `${stdout}${stderr}`;
  };

  test('are rules that Prometheus accepts', async () => {
    expect(await check('check', 'rules', 'docs/alerts.yml')).toMatch(/SUCCESS: \d+ rules found/);
  });

  test('are raised by a fleet that has what they warn of, and by no fleet that is well', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'restart-policy-alerts-'));
    const file = join(directory, 'alerts.yml');
    const fleets = read('test/metrics/alerts.promtool.yml');
    writeFileSync(file, fleets.replace('[ALERTS]', JSON.stringify([join(root, 'docs/alerts.yml')])));
    try {
      expect(await check('test', 'rules', file)).toContain('SUCCESS');
    } finally {
      rmSync(directory, { recursive: true });
    }
    // No alert is left out.
    const [, quiet = ''] = /name: a fleet that is well[\s\S]*?\n\n/.exec(fleets)?.[0].split('alert_rule_test:') ?? [];
    const alerts = [...read('docs/alerts.yml').matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    expect([...quiet.matchAll(/alertname: (\w+)/g)].map(([, name]) => name)).toEqual(alerts);
    for (const alert of alerts) expect(fleets.split(`alertname="${alert}"`).length).toBeGreaterThan(1);
  });

  test('and the expressions of the dashboard can be read by Prometheus', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'restart-policy-dashboard-'));
    const file = join(directory, 'rules.json');
    // JSON is YAML.
    const rules = expressions.map((expr, index) => ({
      record: `shown:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    try {
      expect(await check('check', 'rules', file)).toContain(`SUCCESS: ${expressions.length} rules found`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('what is shown and warned of', () => {
  const known = [...Object.values(exported).flat(), ...labels];

  test('are metrics that there are, and labels that they have', () => {
    expect(Object.keys(exported)).toEqual(metricNames);
    const named = [...namesIn(read('docs/alerts.yml').replaceAll(/^#.*$/gm, '')), ...expressions.flatMap(namesIn)];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    const legends = panels.flatMap(({ targets }) => targets.flatMap(({ legendFormat }) => namesIn(legendFormat)));
    expect(legends.filter((name) => !labels.includes(name))).toEqual([]);
  });

  test('are, on the dashboard, all of them', () => {
    const shown = new Set(expressions.flatMap(namesIn));
    expect(
      Object.values(exported)
        .flat()
        .filter((name) => !shown.has(name)),
    ).toEqual([]);
    expect(panels.every(({ title, targets }) => title !== '' && targets.length > 0)).toBe(true);
  });
});
