/**
 * The systems that need little: `npm test` holds against these, `npm run test:peers` against all of them.
 */
import { holdAgainst } from './held-against.js';
import { quickSystems } from './systems/every.js';

holdAgainst(...quickSystems);
