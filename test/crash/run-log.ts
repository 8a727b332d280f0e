/**
 * What the runs report themselves: each appends its mark to one file as the first thing it does. So no run is too short
 * to be seen, and whoever reads the file to its end knows of every run that was over by then.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { type Mark, parseMark } from './marks.js';

export interface RunLog {
  /** The runs that began since the last call. */
  readonly read: () => ReadonlyArray<Mark>;
  readonly close: () => void;
}

export const openRunLog = (path: string, token: string): RunLog => {
  const file = openSync(path, 'a+');
  const chunk = Buffer.alloc(64 * 1024);
  let offset = 0;
  let rest = '';

  return {
    read: () => {
      for (let length = -1; length !== 0; ) {
        length = readSync(file, chunk, 0, chunk.length, offset);
        offset += length;
        rest += chunk.toString('latin1', 0, length);
      }
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      return lines.map((line) => {
        const mark = parseMark(token, line);
        if (mark === null) throw new Error(`not a line of a run: ${line}`);
        return mark;
      });
    },
    close: () => closeSync(file),
  };
};
