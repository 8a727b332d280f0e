/** Supervisors that start again after a person's stop. */
import { holdAgainst } from '../held-against.js';
import { dockerAgain } from '../systems/docker.js';
import { supervisordAgain } from '../systems/supervisord.js';

holdAgainst(dockerAgain, supervisordAgain);
