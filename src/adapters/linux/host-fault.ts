/**
 * The one place that knows by which errors of the system a host shows that it lacks something.
 */
import { type HostFault, type HostResource, hostFault, isHostFault } from '../../ports/host-fault.js';
import { messageOf } from '../common/answers.js';

const lacking: Readonly<Record<string, HostResource>> = {
  ENOSPC: 'disk_space',
  EDQUOT: 'disk_space',
  EROFS: 'disk',
  EIO: 'disk',
  EMFILE: 'file_descriptors',
  ENFILE: 'file_descriptors',
  ENOMEM: 'memory',
};

/** How the system says it in words, for programs that tell no code. */
const inWords: ReadonlyArray<readonly [RegExp, HostResource]> = [
  [/No space left on device|Disk quota exceeded/, 'disk_space'],
  [/Read-only file system|Input\/output error/, 'disk'],
  [/Too many open files/, 'file_descriptors'],
  [/Cannot allocate memory/, 'memory'],
];

/** What the host lacks by an error, or by what caused it; null: nothing that an error shows. */
export const resourceOf = (error: unknown): HostResource | null => {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code, syscall }: NodeJS.ErrnoException = e;
    // To this one ENOSPC means that there are no more watches.
    if (code === undefined || syscall === 'watch') continue;
    // A fork says EAGAIN; to others it only means: not now.
    if (code === 'EAGAIN' && syscall?.startsWith('spawn') === true) return 'processes';
    const resource = Object.hasOwn(lacking, code) ? lacking[code] : undefined;
    if (resource !== undefined) return resource;
  }
  return null;
};

/** What the host lacks by what a program printed, as a cause. `message`: what was not done, and why. */
export const hostFaultIn = (output: string, message: string): HostFault | undefined => {
  const resource = inWords.find(([words]) => words.test(output))?.[1];
  return resource === undefined ? undefined : hostFault(resource, message);
};

/** The error as a cause: a host fault, where it shows one. `message`: what was not done, and why. */
export const causeOf = (message: string, error: unknown): unknown => {
  if (isHostFault(error)) return error;
  const resource = resourceOf(error);
  return resource === null ? error : hostFault(resource, message, error);
};

/** Of something that could not be written: whatever the error, it is the host's. */
export const writeFault = (what: string, error: unknown): HostFault =>
  hostFault(resourceOf(error) ?? 'disk', `${what}: ${messageOf(error)}`, error);
