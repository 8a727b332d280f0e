/** What runit and s6 are told with: a directory per service, with programs in it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../place.js';
import type { Scenario } from '../system.js';

/** Writes a shell script that can be run. */
const writeProgram = (file: string, script: string): void =>
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** Files of a service directory beside `run`: shell scripts. */
export type ServiceFiles = Readonly<Record<string, string>>;

/** Answers with the directory of them all. */
export const writeServices = (
  place: Place,
  scenarios: ReadonlyArray<Pick<Scenario<ServiceFiles>, 'name' | 'does' | 'words'>>,
): string => {
  const services = join(place.directory, 'own');
  for (const scenario of scenarios) {
    const service = join(services, scenario.name);
    mkdirSync(service);
    const files = { run: `exec ${place.command(scenario).join(' ')}`, ...scenario.words };
    for (const [name, script] of Object.entries(files)) writeProgram(join(service, name), script);
  }
  return services;
};
