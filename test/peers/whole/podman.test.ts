import { holdAgainst } from '../held-against.js';
import { podman } from '../systems/podman.js';

holdAgainst(podman);
