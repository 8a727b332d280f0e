import { type Controller, type ControllerOptions, createController } from '../../src/controller.js';
import { right } from './either.js';

/** A controller, or a failed test that shows what is wrong with the options. */
export const controllerOf = (options: ControllerOptions): Controller => right(createController(options));
