/**
 * Guests of some dozen bytes: firmware of 64 KiB for QEMU's `pc`, whose processor begins in 16-bit mode at the last
 * sixteen bytes and is sent to the first. Each does one thing; up and done within a tenth of a second.
 */
type Bytes = ReadonlyArray<number>;

const size = 0x10000;
/** Where the processor begins. */
const reset = 0xfff0;
/** The segment that the firmware is seen in. */
const segment = 0xf000;

// ---------------------------------------------------------------------------
// instructions
// ---------------------------------------------------------------------------

const word = (value: number): Bytes => [value & 0xff, (value >> 8) & 0xff];
const double = (value: number): Bytes => [...word(value), ...word(value >>> 16)];

/** mov dx, port */
const at = (port: number): Bytes => [0xba, ...word(port)];
/** mov dx, port; mov al, value; out dx, al */
const out8 = (port: number, value: number): Bytes => [...at(port), 0xb0, value, 0xee];
/** mov dx, port; mov ax, value; out dx, ax */
const out16 = (port: number, value: number): Bytes => [...at(port), 0xb8, ...word(value), 0xef];
/** mov dx, port; mov eax, value; out dx, eax */
const out32 = (port: number, value: number): Bytes => [...at(port), 0x66, 0xb8, ...double(value), 0x66, 0xef];

/** cli */
const deaf: Bytes = [0xfa];
/** sti */
const attentive: Bytes = [0xfb];
/** back: hlt; jmp back. Deaf, it sleeps for ever, and costs the host nothing. */
const halt: Bytes = [0xf4, 0xeb, 0xfd];

/** jmp far segment:offset */
const jump = (offset: number): Bytes => [0xea, ...word(offset), ...word(segment)];

const firmware = (...code: ReadonlyArray<Bytes>): Buffer => {
  const image = Buffer.alloc(size);
  image.set(code.flat());
  image.set(jump(0), reset);
  return image;
};

// ---------------------------------------------------------------------------
// the machine
// ---------------------------------------------------------------------------

const ports = {
  /** isa-debug-exit, as `devices` places it. */
  debugExit: 0xf4,
  /** pvpanic, where it is by itself. */
  panic: 0x505,
  resetControl: 0xcf9,
  pciAddress: 0xcf8,
  pciData: 0xcfc,
  /** Of the ACPI block, where `withAcpi` puts it: status, enable, control. */
  powerStatus: 0x600,
  powerEnable: 0x602,
  debugConsole: 0xe9,
  powerControl: 0x604,
  interruptMask: 0x21,
  serial: 0x3f8,
  serialInterrupts: 0x3f9,
} as const;

/** What every guest here may use. */
export const devices: ReadonlyArray<string> = [
  '-accel',
  'tcg',
  '-m',
  '1',
  '-nodefaults',
  // No APIC: the old interrupt controller speaks to the processor without being introduced.
  '-cpu',
  'qemu64,-apic',
  '-display',
  'none',
  '-device',
  'isa-debug-exit,iobase=0xf4,iosize=4',
  '-device',
  'pvpanic',
];

/** The ACPI block of the PIIX4 is nowhere until firmware says where (register 0x40) and switches it on (0x80). */
const withAcpi: Bytes = [
  ...out32(ports.pciAddress, 0x80000b40),
  ...out32(ports.pciData, 0x601),
  ...out32(ports.pciAddress, 0x80000b80),
  ...out32(ports.pciData, 1),
];
const powerOff: Bytes = [...out16(ports.powerControl, 0x2000), ...deaf, ...halt];

// ---------------------------------------------------------------------------
// guests
// ---------------------------------------------------------------------------

/** Ends QEMU with this code, 1 to 127. */
export const exitsWith = (code: number): Buffer => firmware(out8(ports.debugExit, code), halt);

/** Runs for ever, and takes no notice of its power button. */
export const runsForEver: Buffer = firmware(deaf, halt);

export const resetsItself: Buffer = firmware(out8(ports.resetControl, 6), deaf, halt);

/** lidt cs:[nothing]; int3: an interrupt without a table, twice over. */
export const tripleFaults: Buffer = firmware(deaf, [0x2e, 0x0f, 0x01, 0x1e, ...word(0x100)], [0xcc], halt);

export const panics: Buffer = firmware(out8(ports.panic, 1), deaf, halt);

export const powersOff: Buffer = firmware(withAcpi, powerOff);

/**
 * Powers off when its power button is pressed: it enables the button, says so on its debug console, and reads it all the time.
 * A press before that is lost, as it is on a real machine.
 */
export const obeysPowerButton: Buffer = firmware(
  withAcpi,
  out16(ports.powerEnable, 0x100),
  out8(ports.debugConsole, 0x21),
  at(ports.powerStatus),
  // back: in ax, dx; test ax, 0x100; jz back
  [0xed, 0xa9, ...word(0x100), 0x74, 0xfa],
  powerOff,
);

/** Sleeps until a byte comes in at its serial port, and ends QEMU with that as its code. */
export const exitsOnRequest: Buffer = (() => {
  const onSerial = 0x80;
  const vector = 4 * 4; // of interrupt 4, for the interrupt controller begins at 0
  const image = firmware(
    deaf,
    [0x31, 0xc0, 0x8e, 0xd8], // xor ax, ax; mov ds, ax
    [0xc7, 0x06, ...word(vector), ...word(onSerial)], // mov word [vector], onSerial
    [0xc7, 0x06, ...word(vector + 2), ...word(segment)],
    out8(ports.interruptMask, 0xef),
    out8(ports.serialInterrupts, 1),
    attentive,
    halt,
  );
  // in al, dx from the serial port; out debugExit, al
  image.set([...at(ports.serial), 0xec, 0xe6, ports.debugExit, ...halt], onSerial);
  return image;
})();
