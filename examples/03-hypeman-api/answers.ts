/** What a client is answered when something did not work: hypeman's body, and whether to ask again. */
import type { FastifyReply } from 'fastify';
import type { ActionError, Closed, InvalidPolicy } from 'restart-policy/controller';
import type { BadRequest } from 'restart-policy/hypeman';

export interface Refusal {
  readonly status: number;
  /** hypeman's error body. */
  readonly body: {
    readonly code: string;
    readonly message: string;
    readonly details?: ReadonlyArray<{ readonly code: string; readonly message: string }>;
  };
  /**
   * Whether the same request may be sent again without a person. hypeman's client does so by itself after a 409 or a 5xx,
   * unless it is told otherwise: a stop that lost to a later start would then stop that start after all.
   */
  readonly repeatable: boolean;
}

export const refuse = (status: number, code: string, message: string): Refusal => ({
  status,
  body: { code, message },
  repeatable: false,
});

export const badRequest = ({ status, body }: BadRequest): Refusal => ({ status, body, repeatable: false });

export const notFound = refuse(404, 'not_found', 'resource not found');

type ControllerError = ActionError | InvalidPolicy | Closed;

interface Row {
  readonly status: number;
  readonly code: string;
  readonly repeatable: boolean;
}

/** Every way in which a command to the controller can fail. */
const table: Readonly<Record<ControllerError['_tag'], Row>> = {
  // A later command won, and stands: to repeat this one would undo it.
  Superseded: { status: 409, code: 'superseded', repeatable: false },
  // Nothing was done, and nothing would be the next time: the command cannot be run, say.
  Refused: { status: 422, code: 'refused', repeatable: false },
  // The command is recorded, and the controller goes on by itself.
  Failed: { status: 500, code: 'hypervisor_failed', repeatable: false },
  // It is not known whether the command was recorded, so a person has to look.
  StoreFailed: { status: 503, code: 'store_unavailable', repeatable: false },
  // What is stored is no record; it is left as it is until somebody mends it.
  InvalidRecord: { status: 500, code: 'invalid_record', repeatable: false },
  // Requests are checked before they get to the controller: this is a fault of the server.
  InvalidPolicy: { status: 500, code: 'invalid_policy', repeatable: false },
  // Nothing was done: the server is on its way out, and the next one will do it.
  Closed: { status: 503, code: 'closing', repeatable: true },
};

export const refusalOf = (error: ControllerError): Refusal => {
  const { status, code, repeatable } = table[error._tag];
  return { status, body: { code, message: messageOf(error) }, repeatable };
};

const messageOf = (error: ControllerError): string => {
  switch (error._tag) {
    case 'Superseded':
      return 'a later start, stop or delete won, and nothing was done';
    case 'Closed':
      return 'the server is closing';
    case 'InvalidRecord':
      return error.problems.join('; ');
    case 'Refused':
    case 'Failed':
    case 'StoreFailed':
    case 'InvalidPolicy':
      return error.message;
    default:
      return error satisfies never;
  }
};

export const sendRefusal = (reply: FastifyReply, { status, body, repeatable }: Refusal): FastifyReply =>
  reply.code(status).header('x-should-retry', String(repeatable)).send(body);
