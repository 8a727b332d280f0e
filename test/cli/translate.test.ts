/**
 * The command `translate`: files as people have them, in; policies, with what is lost, out.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeRestartPolicy } from 'restart-policy/codec';
import { peers } from 'restart-policy/translate';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { right } from '../support/either.js';
import { expectGolden } from './golden.js';
import { createCli } from './support.js';

const { cli } = createCli();

const files: Readonly<Record<string, string>> = {
  'systemd/web.service': `[Unit]
Description=Web
StartLimitIntervalSec=60
StartLimitBurst=3

[Service]
ExecStart=/usr/bin/web \\
  # of the port
  --port 80
Restart=on-failure
RestartSec=5s
SuccessExitStatus=143 \\
   SIGKILL

[Install]
WantedBy=multi-user.target
`,
  'drop-ins/web-api@.service': '[Service]\nRestart=on-failure\nRestartSec=1\n',
  'drop-ins/web-api@1.service': '[Service]\nRestart=on-failure\nRestartSec=1\nRestartPreventExitStatus=3\n',
  'drop-ins/service.d/10-limit.conf': '[Unit]\nStartLimitIntervalSec=0\n',
  'drop-ins/service.d/20-wait.conf': '[Service]\nRestartSec=20\n',
  'drop-ins/web-.service.d/20-wait.conf': '[Service]\nRestartSec=30\n',
  'drop-ins/web-api@.service.d/30-always.conf': '[Service]\nRestart=always\n',
  'drop-ins/web-api@1.service.d/40-codes.conf': '[Service]\nRestartPreventExitStatus=\nRestartPreventExitStatus=78\n',
  'drop-ins/web-api@1.service.d/README': 'no drop-in\n',
  'later/a.service': '[Service]\nRestart=always\nRestartSec=10\nTimeoutSec=10\nTimeoutStartSec=20\n',
  'later/a.service.d/b.conf': '[Service]\nTimeoutSec=30\n',
  'system/a.service': '[Service]\nRestart=always\nRestartSec=10\n',
  'system/masked.service': '',
  'system/masked.service.d/a.conf': '[Service]\nRestart=always\n',
  'system/poweroff.service': '[Unit]\nDescription=Power off\nSuccessAction=poweroff-force\n',
  'wrong/wrong.service': '[Unit]\nStartLimitBurst=three\n[Service]\nRestart=on-failur\nRestartSecs=5\nwhat is this\n',
  'wrong/wrong.service.d/a.conf': '[Service]\nRestartSec=5 secs\n',
  'compose.yaml': `services:
  web:
    image: web
    restart: unless-stopped
  db:
    image: db
    restart: on-failure:3
  cache:
`,
  'compose-include.yaml': 'include:\n  - db.yaml\nservices:\n  web:\n    restart: always\n',
  'compose-wrong.yaml': 'services:\n  web:\n    restart: always\n  job:\n    image: job\n    restart: allways\n',
  'swarm.yaml': 'services:\n  web:\n    restart: always\n    deploy:\n      restart_policy: { condition: none }\n',
  'k8s.yaml': `apiVersion: v1
kind: Service
metadata: { name: web }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    spec:
      containers:
        - { name: app, image: app }
        - { name: sidecar, image: sidecar }
      initContainers:
        - { name: once, image: once }
        - { name: stays, image: stays, restartPolicy: Always }
---
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  jobTemplate:
    spec:
      backoffLimit: 3
      template:
        spec:
          restartPolicy: Never
          containers: [{ name: main, image: main }]
`,
  'k8s-wrong.yaml': `kind: List
items:
  - kind: Pod
    metadata: { name: web }
    spec:
      restartPolicy: onFailure
      containers: [{ name: app }]
`,
  'docker.json': JSON.stringify([
    { Name: '/web', HostConfig: { RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 } } },
    { Name: '/job', HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } } },
  ]),
  'host-config.json': '{"RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}}',
  'swarm.json': JSON.stringify([{ Spec: { Name: 'web', TaskTemplate: { RestartPolicy: { Condition: 'any' } } } }]),
  'nomad-hcl.json': JSON.stringify({
    job: {
      web: [
        {
          type: 'service',
          group: {
            app: {
              restart: { attempts: 3, interval: '10m', delay: '15s', mode: 'fail' },
              task: { server: { driver: 'docker', restart: [{ attempts: 5 }] }, log: { driver: 'exec' } },
            },
          },
        },
      ],
    },
  }),
  'nomad-api.json': JSON.stringify({
    Job: {
      ID: 'web',
      Type: 'batch',
      TaskGroups: [
        {
          Name: 'app',
          RestartPolicy: { Attempts: 2, Interval: 600e9, Delay: 15e9, Mode: 'fail' },
          Tasks: [{ Name: 'server', RestartPolicy: null }],
        },
      ],
    },
  }),
  'fly.toml': `app = "web"
[[restart]]
policy = "on-failure"
retries = 5
processes = ["app"]
[[restart]]
policy = "always"
processes = ["worker"]
`,
  'fly-plain.toml': 'app = "web"\n',
  'fly-some.toml': `[processes]
app = "serve"
worker = "work"
[[restart]]
policy = "always"
processes = ["worker"]
`,
  'fly-several.toml': '[[restart]]\npolicy = "always"\n[[restart]]\npolicy = "no"\n',
  'fly-mark.toml': '\ufeffapp = "web"\r\n[[restart]]\r\npolicy = "always"\r\n',
  'fly-wrong.toml': 'app = "web"\npolicy = \n',
  'machine.json': '{"name": "web", "config": {"restart": {"policy": "on-failure", "max_retries": 4}}}',
  'ecs.json': JSON.stringify({
    taskDefinition: {
      containerDefinitions: [
        { name: 'app', essential: true, restartPolicy: { enabled: true, restartAttemptPeriod: 180 } },
        { name: 'log', essential: false },
      ],
    },
  }),
  'machines.json': JSON.stringify([
    { name: 'a', config: { restart: { policy: 'always' } } },
    { name: 'b', config: { image: 'b' } },
  ]),
  'cloudformation.yaml': `Resources:
  Service: { Type: AWS::ECS::Service, Properties: { TaskDefinition: !Ref Task } }
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Sub "\${AWS::StackName}-web"
      ContainerDefinitions:
        - Name: app
          Image: !Ref Image
          RestartPolicy: { Enabled: true, RestartAttemptPeriod: 120 }
`,
  'containers.json': JSON.stringify([{ name: 'app', image: 'app', restartPolicy: { enabled: true } }]),
  'jlist.json': JSON.stringify([
    { name: 'api', pm2_env: { name: 'api', restart_delay: 3_000, pm_exec_path: '/a.js', restart_time: 7 } },
    { name: 'job', pm2_env: { name: 'job', autorestart: false } },
  ]),
  'package.json': '{"name": "web", "scripts": {}}',
  'ecosystem.json': JSON.stringify({
    apps: [
      { name: 'api', script: 'a.js', restart_delay: 2_000 },
      { script: 'b.js', autorestart: false },
    ],
  }),
  'supervisor/supervisord.conf': `[supervisord]
logfile=/dev/null ; a comment
[program:web.api]
command=/bin/web --port
  80
AutoRestart=true
startretries=3
[include]
files = conf.d/*.conf missing/*.conf
`,
  'supervisor/conf.d/worker.conf': '[program:worker]\ncommand=/bin/worker\nautorestart=false\nstartsecs=0\n',
  'supervisor/conf.d/notes.txt': 'nothing\n',
  'supervisor-wrong.conf': '[program:web]\nautorestart=sometimes\nwhat\n',
  'supervisor-none.conf': '[supervisord]\nnodaemon=true\n',
  'services/web/run': '#!/bin/sh\nexec web\n',
  'services/web/finish': '#!/bin/execlineb\ns6-permafailon 60 5 1-255 true\n',
  'services/web/max-death-tally': '20\n',
  'services/db/run': '#!/bin/sh\nexec db\n',
  'services/db/down': '',
  'services/notes/README': 'no service\n',
  'empty/README': 'nothing\n',
  'none.yaml': '',
};

for (const [name, text] of Object.entries(files)) {
  mkdirSync(dirname(name), { recursive: true });
  writeFileSync(name, text);
}

interface Wire {
  readonly source: string;
  readonly system: string;
  readonly restart_policy: Readonly<Record<string, unknown>>;
  readonly losses: ReadonlyArray<{ readonly field: string }>;
  readonly gains: ReadonlyArray<{ readonly field: string }>;
}

/** What is printed for machines, each policy by its name. */
const policies = async (...given: ReadonlyArray<string>): Promise<Readonly<Record<string, unknown>>> => {
  const { exitCode, out, err } = await cli(['translate', ...given, '--json']);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
  const results = JSON.parse(out) as ReadonlyArray<Wire>;
  for (const { restart_policy } of results) right(decodeRestartPolicy(restart_policy));
  return Object.fromEntries(results.map(({ source, restart_policy }) => [source, restart_policy]));
};

describe.each([120, 80, 40])('at %d columns', (columns) => {
  test('a policy is followed by what is lost and what is gained', async () => {
    const { exitCode, out, err } = await cli(['translate', 'systemd', 'systemd/web.service'], { columns });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expectGolden(`translate-${columns}`, out);
  });
});

describe('what is read', () => {
  test('of systemd: drop-ins of the type, of beginnings of the name, of the template, of the unit, in the order of their names', async () => {
    const growing = { policy: 'always', stable_after: '10m0s', backoff_from: 'exit' };
    expect(await policies('systemd', 'drop-ins')).toEqual({
      'drop-ins/web-api@.service': { ...growing, backoff: '30s' },
      'drop-ins/web-api@1.service': {
        ...growing,
        backoff: '30s',
        rules: [{ causes: ['exit'], exit_codes: [78], action: 'stop' }],
      },
    });
  });

  test('of systemd: what systemctl cat prints, for the systemd that is named', async () => {
    const stdin =
      '# /etc/systemd/system/a.service\n[Service]\nRestart=always\nRestartSec=10\nRestartSteps=3\n\n# b\n[Service]\nRestartSec=20\n';
    const { out } = await cli(['translate', 'systemd', '-', '--systemd-version', '252', '--json'], { stdin });
    const [result] = JSON.parse(out) as ReadonlyArray<Wire>;
    expect(result).toMatchObject({ source: 'stdin', restart_policy: { backoff: '20s' } });
    expect(result?.losses).toMatchObject([
      { field: 'Service.RestartSteps', effect: expect.stringContaining('systemd 252') },
    ]);
  });

  test('of systemd: what systemctl cat prints of several units, of which services are read', async () => {
    const stdin = [
      '# /usr/lib/systemd/system/a.service\n# /etc/systemd/system/a.service\n[Service]\nRestart=always',
      '# /etc/systemd/system/a.service.d/b.conf\n[Service]\nRestartSec=20\n',
      '# /usr/lib/systemd/system/a.timer\n[Unit]\nDescription=A\n[Timer]\nOnBootSec=5\n',
      '# /etc/systemd/system/masked.service\n',
      '# /etc/systemd/system/b@1.service\n# of b\n[Service]\n# /etc/systemd/system/c.service\nRestart=on-failur\n',
      '# /usr/lib/systemd/system/d.service\n[Service]\nRestart=on-abnormal\nRestartSec=30\n',
    ].join('\n');
    const { exitCode, out, err } = await cli(['translate', 'systemd', '-', '--json'], { stdin });
    expect(JSON.parse(out)).toMatchObject([
      { source: 'stdin: a.service', restart_policy: { policy: 'always', backoff: '20s' } },
      { source: 'stdin: d.service', restart_policy: { policy: 'on_failure', backoff: '30s' } },
    ]);
    expect({ exitCode, err: err.split('\n')[0] }).toEqual({
      exitCode: 2,
      err: expect.stringMatching(/^stdin:21:1: b@1\.service: Service\.Restart must be one of /),
    });
    const timer = '# /a.timer\n[Timer]\nOnBootSec=5\n# /b.timer\n[Timer]\nOnBootSec=5\n';
    expect((await cli(['translate', 'systemd', '-'], { stdin: timer })).err).toBe(
      'stdin: has no unit of a service in it\n',
    );
  });

  test('of systemd: a directory with units that are masked, and with services that say nothing as one', async () => {
    expect(await policies('systemd', 'system')).toMatchObject({
      'system/a.service': { policy: 'always' },
      'system/poweroff.service': { policy: 'never' },
    });
  });

  test('of systemd: of two keys for the same thing the one that is assigned last, in whatever file', async () => {
    expect(await policies('systemd', 'later/a.service')).toMatchObject({ 'later/a.service': { start_timeout: '30s' } });
  });

  test('of Compose: every service, as Compose or Swarm runs it', async () => {
    const compose = await policies('compose', 'compose.yaml');
    expect(Object.keys(compose)).toEqual(['compose.yaml: web', 'compose.yaml: db', 'compose.yaml: cache']);
    expect(compose).toMatchObject({
      'compose.yaml: web': { policy: 'always' },
      'compose.yaml: db': { policy: 'on_failure', max_attempts: 3 },
      'compose.yaml: cache': { policy: 'never' },
    });
    expect(await policies('compose', 'swarm.yaml', '--run-by', 'swarm')).toMatchObject({
      'swarm.yaml: web': { policy: 'never' },
    });
  });

  test('of Kubernetes: every container of every document, and of a list, that is restarted', async () => {
    const kubernetes = await policies('kubernetes', 'k8s.yaml');
    expect(Object.keys(kubernetes)).toHaveLength(4);
    expect(kubernetes).toMatchObject({
      'k8s.yaml: Deployment web app': { policy: 'always' },
      'k8s.yaml: Deployment web sidecar': { policy: 'always' },
      'k8s.yaml: Deployment web stays': { policy: 'always' },
      'k8s.yaml: CronJob nightly': { policy: 'on_failure', max_attempts: 3 },
    });
  });

  test('of Kubernetes: a list of the API, whose items do not say their kind', async () => {
    const items = [{ metadata: { name: 'web' }, spec: { restartPolicy: 'Never', containers: [{ name: 'app' }] } }];
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items });
    const { out } = await cli(['translate', 'kubernetes', '-', '--json'], { stdin });
    expect(JSON.parse(out)).toMatchObject([{ source: 'stdin: Pod web', restart_policy: { policy: 'never' } }]);
  });

  test('of Docker and Swarm: what inspect prints, from any depth on, or the word of the command line', async () => {
    expect(await policies('docker', 'docker.json', 'on-failure:4', 'host-config.json')).toMatchObject({
      'docker.json: web': { policy: 'always' },
      'docker.json: job': { policy: 'on_failure', max_attempts: 2 },
      'on-failure:4': { policy: 'on_failure', max_attempts: 4 },
      'host-config.json': { policy: 'always' },
    });
    expect(await policies('podman', 'always', 'host-config.json')).toMatchObject({ always: { policy: 'always' } });
    expect(await policies('swarm', 'swarm.json')).toMatchObject({ 'swarm.json: web': { policy: 'always' } });
  });

  test("of Nomad: every task, with its group's restart block below its own, in HCL's JSON and in the API's", async () => {
    expect(await policies('nomad', 'nomad-hcl.json', 'nomad-api.json')).toMatchObject({
      'nomad-hcl.json: web.app.server': { policy: 'always', max_attempts: 5, limit_interval: '10m0s' },
      'nomad-hcl.json: web.app.log': { policy: 'always', max_attempts: 3 },
      'nomad-api.json: web.app.server': { policy: 'on_failure', max_attempts: 2, limit_interval: '10m0s' },
    });
  });

  test('of Fly: every process group of a fly.toml, and a Machine', async () => {
    expect(await policies('fly', 'fly.toml', 'fly-some.toml', 'fly-plain.toml', 'machine.json')).toMatchObject({
      'fly.toml: app': { policy: 'on_failure', max_attempts: 5 },
      'fly.toml: worker': { policy: 'always' },
      // Of one that no section is for, what Fly does by itself.
      'fly-some.toml: app': { policy: 'on_failure', max_attempts: 10 },
      'fly-some.toml: worker': { policy: 'always' },
      'fly-plain.toml: web': { policy: 'on_failure' },
      'machine.json: web': { policy: 'on_failure', max_attempts: 4 },
    });
  });

  test('of ECS and pm2: every container of a task definition, every application', async () => {
    expect(await policies('ecs', 'ecs.json')).toMatchObject({
      'ecs.json: app': { policy: 'always', limit_interval: '3m0s' },
      'ecs.json: log': { policy: 'never' },
    });
    expect(await policies('pm2', 'ecosystem.json')).toMatchObject({
      'ecosystem.json: api': { policy: 'always', backoff: '2s' },
      'ecosystem.json: b.js': { policy: 'never' },
    });
  });

  test('of ECS, pm2 and Fly: what their tools print and their templates have, too', async () => {
    const once = { policy: 'always', max_attempts: 1 };
    expect(await policies('ecs', 'cloudformation.yaml', 'containers.json')).toMatchObject({
      'cloudformation.yaml: app': { ...once, limit_interval: '2m0s' },
      'containers.json: app': { ...once, limit_interval: '5m0s' },
    });
    expect(await policies('pm2', 'jlist.json')).toMatchObject({
      'jlist.json: api': { policy: 'always', backoff: '3s' },
      'jlist.json: job': { policy: 'never' },
    });
    expect(await policies('fly', 'machines.json', 'fly-mark.toml')).toMatchObject({
      'machines.json: a': { policy: 'always' },
      'machines.json: b': { policy: 'on_failure', max_attempts: 10 },
      'fly-mark.toml: web': { policy: 'always' },
    });
  });

  test('of supervisord: every program, of included files too', async () => {
    expect(await policies('supervisord', 'supervisor/supervisord.conf')).toMatchObject({
      'supervisor/supervisord.conf: web.api': { policy: 'always', max_attempts: 3 },
      'supervisor/supervisord.conf: worker': { policy: 'never' },
    });
  });

  test('of s6 and runit: a service directory, or those in a directory', async () => {
    expect(await policies('s6', 'services')).toMatchObject({
      'services/db': { policy: 'always' },
      'services/web': { policy: 'always', max_attempts: 4, limit_interval: '1m0s' },
    });
    expect(await policies('runit', 'services/db')).toMatchObject({
      'services/db': { policy: 'always', backoff: '1s' },
    });
  });
});

test('a result for machines is the same in JSON and in YAML, each translation a document', async () => {
  const json = JSON.parse((await cli(['translate', 'docker', 'docker.json', '--json'])).out) as unknown;
  const { out } = await cli(['translate', 'docker', 'docker.json', '--yaml']);
  expect(parseAllDocuments(out).map((document): unknown => document.toJS())).toEqual(json);
  expect(parse(out.split('---\n')[1] ?? '')).toMatchObject({ system: 'docker', source: 'docker.json: web' });
});

test('nothing of a file is printed that a terminal would obey', async () => {
  const stdin = `services:
  "a\\e[2J":
    restart: always
    depends_on: { "b\\e[31m": { restart: true } }
    healthcheck: { test: ["c\\u009b31m"] }
`;
  const { exitCode, out } = await cli(['translate', 'compose', '-'], { stdin });
  expect(exitCode).toBe(0);
  expect(out).toContain('stdin: a\ufffd[2J\n');
  expect(out).toContain('depends_on.b\ufffd[31m.restart');
  expect(out).toContain('c\ufffd31m');
  expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);

  const name = 'evil\u001b[2J.json';
  writeFileSync(name, '{"policy": "never"}');
  for (const command of ['check', 'simulate', 'compare']) {
    const shown = (await cli([command, name, name])).out + (await cli([command, name])).out;
    expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  }
});

test('what is printed is a policy that the other commands read', async () => {
  const { out } = await cli(['translate', 'docker', 'unless-stopped', '--yaml']);
  const { exitCode } = await cli(['check', '-'], { stdin: out });
  expect(exitCode).toBe(0);
});

test.each<[given: ReadonlyArray<string>, exitCode: number]>([
  [['docker', 'unless-stopped'], 0],
  [['docker', 'unless-stopped', '--strict'], 0],
  [['docker', 'always', '--strict'], 0],
  [['docker', 'on-failure:3'], 0],
  [['docker', 'on-failure:3', '--strict'], 1],
  [['docker', 'on-failure:3', 'missing.json', '--strict'], 2],
  [['compose', 'compose-wrong.yaml'], 2],
])('%j: the exit code is %i', async (given, exitCode) => {
  expect((await cli(['translate', ...given])).exitCode).toBe(exitCode);
});

describe('what is wrong', () => {
  const errors = async (...given: ReadonlyArray<string>): Promise<string> => {
    const { exitCode, err } = await cli(['translate', ...given], { columns: 120 });
    expect(exitCode).toBe(2);
    return err;
  };

  test('is told by file and line, in a drop-in too, all of it at once', async () => {
    expectGolden('translate-wrong-systemd', await errors('systemd', 'wrong/wrong.service'));
    expectGolden('translate-wrong-compose', await errors('compose', 'compose-wrong.yaml'));
    expectGolden('translate-wrong-kubernetes', await errors('kubernetes', 'k8s-wrong.yaml'));
    expectGolden('translate-wrong-supervisord', await errors('supervisord', 'supervisor-wrong.conf'));
    expectGolden('translate-wrong-fly', await errors('fly', 'fly-wrong.toml'));
  });

  test('keeps what is right from nobody', async () => {
    const { out } = await cli(['translate', 'compose', 'compose-wrong.yaml', '--json']);
    expect((JSON.parse(out) as ReadonlyArray<Wire>).map(({ source }) => source)).toEqual(['compose-wrong.yaml: web']);
  });

  test.each<[given: ReadonlyArray<string>, error: string]>([
    [['systemdd', 'x'], 'the system must be one of'],
    [['systemdd', 'x'], 'did you mean systemd?'],
    [['docker-compose', 'x'], 'not the text "docker-compose"; did you mean compose?'],
    [['docker-compose.yml', 'x'], 'did you mean compose?'],
    [['Docker Swarm', 'x'], 'did you mean swarm?'],
    [['k8s', 'x'], 'did you mean kubernetes?'],
    [['unit', 'x'], 'did you mean systemd?'],
    [['web.service', 'x'], 'did you mean systemd?'],
    [['supervisor', 'x'], 'did you mean supervisord?'],
    [['aws-ecs', 'x'], 'did you mean ecs?'],
    [['s6-overlay', 'x'], 'did you mean s6?'],
    [['fly.io', 'x'], 'did you mean fly?'],
    [['flyctl', 'x'], 'did you mean fly?'],
    [['constructor', 'x'], 's6, runit, not the text "constructor"\n'],
    [['systemd', 'x', '--systemd-version', 'new'], '--systemd-version must be a whole number from 1 to 9999'],
    [['compose', 'x', '--run-by', 'swam'], 'did you mean swarm?'],
    [['systemd', 'missing.service'], 'missing.service: cannot be read: there is no such file'],
    [['systemd', 'system/masked.service'], 'system/masked.service: is empty: such a unit is masked'],
    [['systemd', 'empty'], 'empty: has no unit of a service in it'],
    [['compose', 'docker.json'], 'docker.json:1:1: has no services'],
    [['compose', 'compose-include.yaml'], 'compose-include.yaml:2:3: include is not read here'],
    [['kubernetes', 'none.yaml'], 'none.yaml: has nothing in it that is restarted'],
    [['ecs', 'package.json'], 'package.json:1:1: has no container definitions'],
    [['pm2', 'package.json'], 'package.json:1:1: has no apps'],
    [['nomad', 'machine.json'], 'has no job with a group and a task'],
    [['pm2', './ecosystem.config.js'], `node -p 'JSON.stringify(require("./ecosystem.config.js"))'`],
    [['supervisord', 'supervisor-none.conf'], 'supervisor-none.conf: has no section [program:NAME]'],
    [
      ['fly', 'fly-several.toml'],
      'fly-several.toml: has several [[restart]] sections, none of which names the processes',
    ],
    [['s6', 'empty'], 'is no service directory and has none in it'],
    [['s6', 'fly.toml'], 'fly.toml: is no directory'],
  ])('%j: %s', async (given, error) => {
    expect(await errors(...given)).toContain(error);
  });
});

test('the help names every system', async () => {
  const { out } = await cli(['translate', '--help']);
  const named = /SYSTEM {4}([\s\S]*?)\n {2}FILE/.exec(out)?.[1]?.split(/,\s*/);
  expect(named?.sort()).toEqual(Object.keys(peers).sort());
});
