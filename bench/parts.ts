/**
 * All parts of docs/benchmarks.md, in their order. Each is one file of parts/.
 */
import type { Part } from './part.js';
import { controller } from './parts/controller.js';
import { decide } from './parts/decide.js';
import { decode } from './parts/decode.js';
import { engine } from './parts/engine.js';
import { fleet } from './parts/fleet.js';
import { growth } from './parts/growth.js';
import { history } from './parts/history.js';
import { imports } from './parts/imports.js';
import { million } from './parts/million.js';
import { pass } from './parts/pass.js';
import { restarts } from './parts/restarts.js';
import { simulation } from './parts/simulation.js';
import { stores } from './parts/stores.js';
import { wakeUps } from './parts/wake-ups.js';

export const parts: ReadonlyArray<Part> = [
  decide,
  wakeUps,
  pass,
  simulation,
  decode,
  engine,
  history,
  controller,
  growth,
  fleet,
  million,
  stores,
  imports,
  restarts,
];
