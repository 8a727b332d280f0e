/**
 * Where only some fields are about restarts, a misspelt one is an error; but none of the others is taken for one.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemdKeys } from '../../src/translate/systemd-keys.js';
import { left, right } from '../support/either.js';
import { translationOf } from './cases.js';

interface Part {
  readonly part: string;
  readonly system: string;
  /** The document with more fields in this part. */
  readonly within: (fields: object) => unknown;
  readonly others: string;
  readonly misspelt: Readonly<Record<string, string>>;
}

const podOf = (fields: object): unknown => ({ containers: [{ name: 'app' }], ...fields });
const jobOf = (fields: object): unknown => ({
  template: { spec: { restartPolicy: 'Never', containers: [{ name: 'app' }] } },
  ...fields,
});

/** All that may stand in any section of any unit, by systemd.directives(7) of systemd 252, but for what is read of a service. */
const directives = readFileSync(new URL('systemd-directives.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .filter((name) => !systemdKeys.some((key) => key.name === name))
  .join(' ');

const parts: ReadonlyArray<Part> = [
  {
    part: 'a service of a compose file',
    system: 'compose',
    within: (fields) => ({ restart: 'always', ...fields }),
    others:
      'annotations attach build blkio_config cpu_count cpu_percent cpu_shares cpu_period cpu_quota cpu_rt_runtime cpus cpuset cap_add ' +
      'cap_drop cgroup cgroup_parent command configs container_name credential_spec develop device_cgroup_rules devices dns dns_opt ' +
      'dns_search domainname driver_opts entrypoint env_file environment expose external_links extra_hosts gpus group_add ' +
      'hostname image init ipc isolation labels label_file links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit ' +
      'models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles ' +
      'provider pull_policy read_only runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt ' +
      'sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir x-restart',
    misspelt: {
      Restart: 'restart',
      restarts: 'restart',
      health_check: 'healthcheck',
      'depends-on': 'depends_on',
      deployy: 'deploy',
    },
  },
  {
    part: 'deploy of a compose file',
    system: 'compose',
    within: (fields) => ({ restart: 'always', deploy: fields }),
    others: 'endpoint_mode labels mode placement replicas resources rollback_config update_config',
    misspelt: { restartPolicy: 'restart_policy', 'restart-policy': 'restart_policy' },
  },
  {
    part: 'the spec of a Pod',
    system: 'kubernetes',
    within: podOf,
    others:
      'affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks ephemeralContainers hostAliases hostIPC hostNetwork ' +
      'hostPID hostUsers hostname hostnameOverride imagePullSecrets nodeName nodeSelector os overhead preemptionPolicy priority ' +
      'priorityClassName readinessGates resourceClaims resources runtimeClassName schedulerName schedulingGates securityContext ' +
      'serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations ' +
      'topologySpreadConstraints volumes',
    misspelt: { restartpolicy: 'restartPolicy', restart_policy: 'restartPolicy', initContainer: 'initContainers' },
  },
  {
    part: 'a container of a Pod',
    system: 'kubernetes',
    within: (fields) => ({ containers: [{ name: 'app', ...fields }] }),
    others:
      'args command env envFrom image imagePullPolicy lifecycle ports readinessProbe resizePolicy resources securityContext stdin stdinOnce ' +
      'terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir',
    misspelt: { restartPolicyRule: 'restartPolicyRules', livenessProb: 'livenessProbe', startup_probe: 'startupProbe' },
  },
  {
    part: 'the spec of a Job',
    system: 'kubernetes',
    within: jobOf,
    others:
      'completionMode completions managedBy manualSelector maxFailedIndexes parallelism podReplacementPolicy selector successPolicy ' +
      'ttlSecondsAfterFinished',
    misspelt: { backofflimit: 'backoffLimit', podFailurePolicys: 'podFailurePolicy', back_off_limit: 'backoffLimit' },
  },
  {
    part: 'a task of Nomad',
    system: 'nomad',
    within: (fields) => ({ type: 'service', ...fields }),
    others:
      'action artifact config consul constraint affinity csi_plugin dispatch_payload driver env identity kill_signal kill_timeout leader logs ' +
      'meta name numa resources scaling schedule service shutdown_delay template user vault volume_mount Name Driver Config Resources',
    misspelt: { restarts: 'restart', Restart: 'restart', checkRestart: 'check_restart', lifecycles: 'lifecycle' },
  },
  {
    part: 'a container definition of ECS',
    system: 'ecs',
    within: (fields) => ({ restartPolicy: { enabled: true }, ...fields }),
    others:
      'name image repositoryCredentials cpu memory memoryReservation links portMappings entryPoint command environment environmentFiles ' +
      'mountPoints volumesFrom linuxParameters secrets dependsOn stopTimeout versionConsistency hostname user workingDirectory ' +
      'disableNetworking privileged readonlyRootFilesystem dnsServers dnsSearchDomains extraHosts dockerSecurityOptions interactive ' +
      'pseudoTerminal dockerLabels ulimits logConfiguration systemControls resourceRequirements firelensConfiguration ' +
      'credentialSpecs Name Image StopTimeout PortMappings DependsOn',
    misspelt: { restart_policy: 'restartPolicy', restartpolicy: 'restartPolicy', essentials: 'essential' },
  },
  {
    part: 'the section [Service] of a unit',
    system: 'systemd',
    within: (fields) => ({ Service: { Restart: 'always', RestartSec: '10', ...fields } }),
    others: directives,
    misspelt: { Restrat: 'Restart', RestartSecs: 'RestartSec', restart: 'Restart', StartLimitBrust: 'StartLimitBurst' },
  },
  {
    part: 'the section [Unit] of a unit',
    system: 'systemd',
    within: (fields) => ({ Unit: fields, Service: { Restart: 'always', RestartSec: '10' } }),
    others: directives,
    misspelt: { StartLimitIntervall: 'StartLimitInterval', OnFailures: 'OnFailure' },
  },
  {
    part: 'an application of pm2',
    system: 'pm2',
    within: (fields) => ({ script: 'app.js', ...fields }),
    others:
      'append_env_to_name args automation autostart combine_logs cwd deep_monitoring disable_logs disable_source_map_support disable_trace env err err_file err_log error error_file event_loop_inspector exec exec_interpreter exec_mode execute_command filter_env force gid ignore_watch increment_var install_url instance_var instances interpreter interpreterArgs interpreter_args io kill_retry_time kill_timeout listen_timeout log log_date_format log_file log_type merge_logs name name_prefix namespace node_args out out_file out_log output pid pid_file pmx port post_update script shutdown_with_message source_map_support time trace treekill uid user username v8 vizion wait_ready watch_delay watch_options windowsHide write',
    misspelt: { auto_restart: 'autorestart', max_restart: 'max_restarts', restart_dely: 'restart_delay' },
  },
  {
    part: 'a program of supervisord',
    system: 'supervisord',
    within: (fields) => ({ command: '/bin/cat', ...fields }),
    others:
      'buffer_size chmod chown command directory environment events file killasgroup numprocs numprocs_start password port priority process_name programs redirect_stderr result_handler serverurl socket socket_backlog socket_mode socket_owner stderr_capture_maxbytes stderr_events_enabled stderr_logfile stderr_logfile_backups stderr_logfile_maxbytes stderr_syslog stdout_capture_maxbytes stdout_events_enabled stdout_logfile stdout_logfile_backups stdout_logfile_maxbytes stdout_syslog stopasgroup stopsignal stopwaitsecs umask user username',
    misspelt: {
      autorestrat: 'autorestart',
      exit_codes: 'exitcodes',
      startsec: 'startsecs',
      start_retries: 'startretries',
    },
  },
];

test.each(parts)('$part may have all its other fields', ({ system, within, others }) => {
  const fields = Object.fromEntries(others.split(' ').map((name) => [name, 'anything']));
  // Some have a form of their own, which is looked at.
  const counts = { completions: 1, parallelism: 1, maxFailedIndexes: 1 };
  for (const [name, count] of Object.entries(counts)) if (name in fields) fields[name] = count as never;
  right(translationOf(system)(within(fields)));
});

test.each(parts)('$part has an error for each of its fields that is misspelt', ({ system, within, misspelt }) => {
  for (const [name, meant] of Object.entries(misspelt)) {
    const errors = left(translationOf(system)(within({ [name]: {} })));
    expect(errors.map(({ message }) => message.replace(/^.*?(?=\S+ is not known)/, ''))).toContain(
      `${errors[0].field} is not known; did you mean ${meant}?`,
    );
    expect(errors[0].field.endsWith(name)).toBe(true);
  }
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('a field of the name %s is no other', (name) => {
  for (const { system, within } of parts) {
    const fields = JSON.parse(`{ ${JSON.stringify(name)}: {} }`) as object;
    right(translationOf(system)(within(fields)));
  }
  expect(left(translationOf('docker')(JSON.parse(`{ ${JSON.stringify(name)}: 1 }`)))).toHaveLength(1);
});
