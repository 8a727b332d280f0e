import { holdAgainst } from '../held-against.js';
import { docker } from '../systems/docker.js';

holdAgainst(docker);
