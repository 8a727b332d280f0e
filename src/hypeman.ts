/**
 * At home in hypeman's instances API: pure mappings between its requests and responses and this library.
 *
 * For an API server that speaks hypeman's language (github.com/kernel/hypeman): what a create and an update ask for,
 * what a response shows, what an instance's state means for the decision, and the OpenAPI components of both fields.
 * Where a request is read otherwise than there, it is stricter, and says so. The fields and words that this library has
 * beyond the reference are refused in requests and not shown in responses, unless a host says that its clients know them.
 *
 * @packageDocumentation
 */

export {
  type HypemanHealth,
  type HypemanInstanceView,
  type HypemanState,
  observedHealth,
  observedState,
  toObservation,
} from './hypeman/observation.js';
export { type OpenApiComponents, openApiComponents, openApiComponentsBeyond } from './hypeman/openapi.js';
export type { BeyondReference, ReferencePolicyWire, ReferenceStatusWire } from './hypeman/reference.js';
export {
  type BadRequest,
  type BadRequestCode,
  neverPolicy,
  type PolicyChange,
  policyChange,
  policyFromCreate,
} from './hypeman/request.js';
export { type ResponseFields, type ResponseFieldsBeyond, responseFields } from './hypeman/response.js';
export type { RestartPolicyWire, RestartRuleWire, RestartStatusWire } from './wire.js';
