/** Virtual machines as witnesses know them: each writes its mark down before it is one, and carries it. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { QemuMachine } from '../../src/adapters/qemu.js';
import { markVariable } from '../crash/marks.js';
import { devices, runsForEver } from '../qemu/guests.js';
import { runLogIn } from './protocol.js';

const firmwareIn = (place: string): string => join(place, 'firmware');
const binaryIn = (place: string): string => join(place, 'marked-qemu');

/** Puts there what the machines of a place are made of. */
export const prepareMachines = (place: string): void => {
  writeFileSync(firmwareIn(place), runsForEver);
  const script = `#!/bin/sh
export ${markVariable}="$1"
shift
echo "$${markVariable}" >>'${runLogIn(place)}'
exec qemu-system-x86_64 "$@"
`;
  writeFileSync(binaryIn(place), script);
  chmodSync(binaryIn(place), 0o755);
};

/** A machine that runs until it is ended. */
export const machineIn = (place: string, mark: string): QemuMachine => ({
  binary: binaryIn(place),
  args: [mark, ...devices, '-bios', firmwareIn(place)],
});
