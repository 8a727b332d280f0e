/** What stands between a pool and the server, and cuts the connection at a write: before it gets through, or after. */
import { createServer, type Server, Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** From now on at every write; null: at none. */
  readonly cutAt: (at: 'before' | 'after' | null) => void;
  /** How often it has cut. */
  readonly cuts: () => number;
  readonly close: () => void;
}

/** A statement that writes: its text, or its name where the server has the text already. */
const write =
  /(INSERT INTO|UPDATE|DELETE FROM) restart_(instances|history)|restart_policy_(create|replace|remove|add|trim|expire)_/;

/** `serverPort` is asked at each connection. */
export const createProxy = async (serverPort: () => number): Promise<CuttingProxy> => {
  let cut: 'before' | 'after' | null = null;
  let cuts = 0;
  const proxy: Server = createServer((near) => {
    const far = new Socket().connect(serverPort(), '127.0.0.1');
    const both = [near, far];
    const drop = (): void => {
      for (const socket of both) socket.destroy();
    };
    const cutOff = (): void => {
      cuts++;
      drop();
    };
    let written = false;
    for (const socket of both) socket.on('error', drop).on('close', drop);
    near.on('data', (chunk) => {
      if (write.test(chunk.toString('latin1'))) {
        if (cut === 'before') return cutOff();
        written = true;
      }
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      // What the server answers to a write it says after the commit.
      if (written && cut === 'after') return cutOff();
      written = false;
      near.write(chunk);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cutAt: (at) => {
      cut = at;
    },
    cuts: () => cuts,
    close: () => void proxy.close(),
  };
};
