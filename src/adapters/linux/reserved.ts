/**
 * Files whose room on the disk is taken before it is needed, so that a disk that is full by then does not keep one line
 * from being written: how a run ended, which nobody could tell later.
 *
 * Such a file holds blanks. Its line is written over them, into blocks that are the file's already; a file system that
 * copies what is written over may refuse even that. Only the first line counts, and only when its end follows no blank:
 * else it is still being written. It fits into one sector, which a loss of power does not tear. What stands behind it keeps
 * the room.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** In bytes. What lies in one is written whole or not at all, be it by a loss of power. */
export const sector = 512;

/** What a file, or what stands in it, is filled up with. */
export const blanks = (length: number): string => `${' '.repeat(Math.max(0, length - 1))}\n`;

/** Takes the room; what the file holds stays and counts until its line is written. Rejects when there is none. */
export const reserve = async (path: string): Promise<void> => {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    const { size, atime, mtime } = await file.stat();
    if (size >= sector) return;
    await writeAt(file, blanks(sector - size), size);
    // What the file held was written when it was.
    if (size > 0) await file.utimes(atime, mtime);
  } finally {
    await file.close();
  }
};

/** Writes the line over what the file holds, and makes the file where there is none. Rejects when it cannot. */
export const writeReserved = async (path: string, line: string): Promise<void> => {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    await writeAt(file, `${line}\n`, 0);
  } finally {
    await file.close();
  }
};

/** The first line, without its end; null: there is none, or it is still being written. */
export const lineIn = (text: string): string | null => {
  const end = text.indexOf('\n');
  const line = text.slice(0, end);
  return end <= 0 || line.endsWith(' ') ? null : line;
};

/** All of it, or rejects: a disk may have room for a part. */
export const writeAt = async (file: FileHandle, text: string, position: number): Promise<void> => {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
};
