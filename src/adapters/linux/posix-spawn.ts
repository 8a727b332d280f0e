/**
 * posix_spawn(3) and waitpid(2): a child that begins as one of Node's does, without the copy of this process's page tables
 * that Node's fork makes first.
 *
 * It gets what a child of Node gets: a session of its own, no signal blocked or ignored, its three descriptors and none that
 * is close-on-exec, as all of Node's are. Its program is looked for as execvp(3) does it, in the PATH of its own environment;
 * posix_spawnp(3) would take ours.
 */
import { constants as ofFiles, statSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { type CLibrary, failure, type Koffi } from './c-library.js';

export interface SpawnCalls {
  /**
   * The pid of the child, which is nobody else's before `wait` has told its end. Returns when the child is the program; throws
   * an error as Node's are where it cannot be. No text may hold a zero byte.
   * null: this C library cannot spawn it, and nothing was spawned.
   */
  readonly spawn: (program: ProgramToSpawn) => number | null;
  /** null: it has not ended. Also while a tracer holds its end back, or where only its first thread has ended. */
  readonly wait: (pid: number) => ChildEnd | null;
}

export interface ProgramToSpawn {
  /** A path, or a name that is looked for in the PATH of `env`. */
  readonly file: string;
  /** Without its own name. */
  readonly args: ReadonlyArray<string>;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** undefined: this process's. */
  readonly cwd: string | undefined;
  /** `ignore`: nothing to read, and what is written goes nowhere. A number: what this process has open there. */
  readonly stdio: readonly [stdin: 'ignore' | number, stdout: 'ignore' | number, stderr: 'ignore' | number];
}

/** It has one of both. Neither: nobody can tell, for something else in this process has waited for the child. */
export interface ChildEnd {
  readonly exitCode: number | null;
  /** A number: it has no name. */
  readonly signal: NodeJS.Signals | number | null;
}

// ---------------------------------------------------------------------------
// constants of the system
// ---------------------------------------------------------------------------

/** In bytes, more than any C library needs for its own. */
const attributesSize = 512;
const actionsSize = 256;
const signalSetSize = 128;

/** POSIX_SPAWN_SETSID, POSIX_SPAWN_SETSIGMASK and POSIX_SPAWN_SETSIGDEF. */
const flags = 0x80 | 0x08 | 0x04;
const noSignals = Buffer.alloc(signalSetSize);
const allSignals = Buffer.alloc(signalSetSize, 0xff);

/** F_GETFL, F_SETFL and F_DUPFD_CLOEXEC. */
const getStatus = 3;
const setStatus = 4;
const duplicate = 1030;

/** WNOHANG. */
const ifEnded = 1;

const { EACCES, EINTR, ENODEV, ENOENT, ENOEXEC, ENOTDIR, ESTALE, ETIMEDOUT } = constants.errno;

/** Of a program that may be in another place of PATH. */
const elsewhere: ReadonlySet<number> = new Set([EACCES, ENODEV, ENOENT, ENOTDIR, ESTALE, ETIMEDOUT]);

/** Where a program is looked for when the environment does not say. */
const defaultPath = '/bin:/usr/bin';

// ---------------------------------------------------------------------------
// calls
// ---------------------------------------------------------------------------

export const bindSpawn = (koffi: Koffi, libc: CLibrary): SpawnCalls => {
  const posixSpawn = libc.func(
    'int posix_spawn(void *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)',
  );
  const initAttributes = libc.func('int posix_spawnattr_init(void *attributes)');
  const freeAttributes = libc.func('int posix_spawnattr_destroy(void *attributes)');
  const attributesFlags = libc.func('int posix_spawnattr_setflags(void *attributes, short flags)');
  const attributesMask = libc.func('int posix_spawnattr_setsigmask(void *attributes, void *signals)');
  const attributesDefaults = libc.func('int posix_spawnattr_setsigdefault(void *attributes, void *signals)');
  const initActions = libc.func('int posix_spawn_file_actions_init(void *actions)');
  const freeActions = libc.func('int posix_spawn_file_actions_destroy(void *actions)');
  const addOpen = libc.func(
    'int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, int mode)',
  );
  const addDuplicate = libc.func('int posix_spawn_file_actions_adddup2(void *actions, int fd, int as)');
  const addDirectory = ifThere(libc, 'int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)');
  const fcntl = libc.func('int fcntl(int fd, int operation, ...)');
  const waitpid = libc.func('int waitpid(int pid, void *status, int options)');
  // Node's own would warn, in another thread, of a descriptor that it did not open.
  const close = libc.func('int close(int fd)');

  const control = (fd: number, operation: number, value: number): number => {
    const answer = fcntl(fd, operation, 'int', value);
    if (answer === -1) throw failure('fcntl', koffi.errno());
    return answer;
  };

  /** Calls with them once they are made, and frees them. A call answers 0, or an errno. */
  const withAttributes = (use: (attributes: Buffer) => number): number => {
    const attributes = Buffer.alloc(attributesSize);
    return (
      initAttributes(attributes) ||
      freed(
        freeAttributes,
        attributes,
        () =>
          attributesFlags(attributes, flags) ||
          attributesMask(attributes, noSignals) ||
          attributesDefaults(attributes, allSignals) ||
          use(attributes),
      )
    );
  };

  /** What the child does before it is the program. */
  const withActions = ({ cwd, stdio }: ProgramToSpawn, use: (actions: Buffer) => number): number => {
    const actions = Buffer.alloc(actionsSize);
    const add = (descriptor: 'ignore' | number, as: number): number =>
      descriptor === 'ignore'
        ? addOpen(actions, as, '/dev/null', as === 0 ? ofFiles.O_RDONLY : ofFiles.O_RDWR, 0)
        : addDuplicate(actions, descriptor, as);
    return (
      initActions(actions) ||
      freed(
        freeActions,
        actions,
        () =>
          (cwd === undefined ? 0 : (addDirectory?.(actions, cwd) ?? 0)) ||
          add(stdio[0], 0) ||
          add(stdio[1], 1) ||
          add(stdio[2], 2) ||
          use(actions),
      )
    );
  };

  /**
   * The descriptor as it is handed on. Those below 3 are moved out of the way, for the child's are put there one after the other.
   * A program does not expect that a write may have to wait, so what it is about is made to wait itself, as Node does it.
   */
  const handedOn = (fd: number, copies: Array<number>): number => {
    const status = control(fd, getStatus, 0);
    if ((status & ofFiles.O_NONBLOCK) !== 0) control(fd, setStatus, status & ~ofFiles.O_NONBLOCK);
    if (fd > 2) return fd;
    const copy = control(fd, duplicate, 3);
    copies.push(copy);
    return copy;
  };

  const spawn = (program: ProgramToSpawn): number => {
    const { file, args, env } = program;
    const envp = [...Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : [`${k}=${v}`])), null];
    const pid = new Int32Array(1);
    const tried = (path: string, argv: ReadonlyArray<string>): number =>
      withAttributes((attributes) =>
        withActions(program, (actions) => posixSpawn(pid, path, actions, attributes, [...argv, null], envp)),
      );

    let errno: number = ENOENT;
    for (const path of placesOf(program)) {
      const found = tried(path, [file, ...args]);
      // What says of itself neither what it is nor who reads it is a script for the shell.
      const answer = found === ENOEXEC ? tried('/bin/sh', ['/bin/sh', path, ...args]) : found;
      if (answer === 0) return pid[0] as number;
      // That one may not be run is worth more than that another does not exist.
      if (errno !== EACCES || !elsewhere.has(answer)) errno = answer;
      if (!elsewhere.has(answer)) break;
    }
    throw notSpawned(file, args, errno);
  };

  return {
    spawn: (program) => {
      if (program.cwd !== undefined && addDirectory === null) return null;
      const copies: Array<number> = [];
      const moved = (fd: 'ignore' | number): 'ignore' | number => (fd === 'ignore' ? fd : handedOn(fd, copies));
      try {
        const [stdin, stdout, stderr] = program.stdio;
        return spawn({ ...program, stdio: [moved(stdin), moved(stdout), moved(stderr)] });
      } finally {
        for (const copy of copies) close(copy);
      }
    },

    wait: (pid) => {
      const status = new Int32Array(1);
      for (;;) {
        const found = waitpid(pid, status, ifEnded);
        if (found === 0) return null;
        if (found === pid) return endOf(status[0] as number);
        if (koffi.errno() !== EINTR) return { exitCode: null, signal: null };
      }
    },
  };
};

/** null: the library is older than the function. */
const ifThere = (libc: CLibrary, declaration: string): ReturnType<CLibrary['func']> | null => {
  try {
    return libc.func(declaration);
  } catch {
    return null;
  }
};

const freed = (free: (memory: Buffer) => number, memory: Buffer, use: () => number): number => {
  try {
    return use();
  } finally {
    free(memory);
  }
};

/** Those of PATH where there is nothing of that name are left out: each try costs a child. */
const placesOf = ({ file, env, cwd = '.' }: ProgramToSpawn): ReadonlyArray<string> => {
  if (file.includes('/')) return [file];
  const paths = (env['PATH'] ?? defaultPath).split(':').map((place) => (place === '' ? file : `${place}/${file}`));
  return paths.filter((path) => mayExist(resolve(cwd, path)));
};

const mayExist = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true; // the system says why
  }
};

const endOf = (status: number): ChildEnd => {
  const signal = status & 0x7f;
  return signal === 0
    ? { exitCode: (status >> 8) & 0xff, signal: null }
    : { exitCode: null, signal: signalNames.get(signal) ?? signal };
};

/** Of two names for a number the first, as Node has it. */
const signalNames: ReadonlyMap<number, NodeJS.Signals> = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name as NodeJS.Signals]),
);

const notSpawned = (path: string, spawnargs: ReadonlyArray<string>, errno: number): NodeJS.ErrnoException => {
  const code = getSystemErrorName(-errno);
  const syscall = `spawn ${path}`;
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: -errno, syscall, path, spawnargs });
};
