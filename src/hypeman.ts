/**
 * At home in hypeman's instances API: pure mappings between its requests and responses and this library.
 *
 * For an API server that speaks hypeman's language (github.com/kernel/hypeman): what a create and an update ask for,
 * what a response shows, what an instance's state means for the decision, and the OpenAPI components of both fields.
 * Where a request is read otherwise than there, it is stricter, and says so.
 *
 * @packageDocumentation
 */
export type { RestartPolicyWire, RestartStatusWire } from './codec.js';
export {
  type HypemanHealth,
  type HypemanInstanceView,
  type HypemanState,
  observedHealth,
  observedState,
  toObservation,
} from './hypeman/observation.js';
export { openApiComponents } from './hypeman/openapi.js';
export {
  type BadRequest,
  type BadRequestCode,
  neverPolicy,
  type PolicyChange,
  policyChange,
  policyFromCreate,
} from './hypeman/request.js';
export { type ResponseFields, responseFields } from './hypeman/response.js';
