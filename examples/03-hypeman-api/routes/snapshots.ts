/** The part of hypeman's snapshots API that concerns restarts: take one of a stopped instance, and restore it. */
import type { Hypeman } from '@onkernel/hypeman';
import type { FastifyInstance } from 'fastify';
import { sendRefusal } from '../answers.js';
import { inTurn } from '../instances/in-turn.js';
import { restoreSnapshot, takeSnapshot } from '../instances/restore.js';
import type { Snapshot } from '../instances/snapshots.js';
import { timeText, viewOf } from '../instances/view.js';
import type { Parts } from '../parts.js';
import * as schemas from './schemas.js';

export const addSnapshotRoutes = (server: FastifyInstance, parts: Parts): void => {
  server.post<{ Params: { id: string }; Body: Hypeman.Instances.SnapshotCreateParams }>(
    '/instances/:id/snapshots',
    { schema: { body: schemas.snapshotBody } },
    async ({ params: { id }, body }, reply) => {
      const taken = await inTurn(parts, id, (definition) => takeSnapshot(parts, definition, body));
      return taken._tag === 'Left' ? sendRefusal(reply, taken.left) : reply.code(201).send(showSnapshot(taken.right));
    },
  );

  server.post<{
    Params: { id: string; snapshotId: string };
    Body: Pick<Hypeman.Instances.SnapshotRestoreParams, 'target_state'>;
  }>(
    '/instances/:id/snapshots/:snapshotId/restore',
    { schema: { body: schemas.restoreBody } },
    async ({ params: { id, snapshotId }, body }, reply) => {
      const restored = await inTurn(parts, id, (definition) =>
        restoreSnapshot(parts, definition, snapshotId, body.target_state),
      );
      return restored._tag === 'Left' ? sendRefusal(reply, restored.left) : viewOf(parts, restored.right);
    },
  );
};

const showSnapshot = (snapshot: Snapshot): Hypeman.Snapshot => ({
  id: snapshot.id,
  name: snapshot.name,
  kind: 'Stopped',
  created_at: timeText(snapshot.createdAt),
  size_bytes: Buffer.byteLength(JSON.stringify(snapshot)),
  source_instance_id: snapshot.instanceId,
  source_instance_name: snapshot.instanceName,
  // The client's type demands one of five hypervisors, none of which runs child processes.
  source_hypervisor: 'qemu',
});
