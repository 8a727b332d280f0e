/** The third day, by the former version again: a person stops what it can read, and tries to stop what it cannot. */
import { hostOn } from './host.mjs';

const { controller, person, end } = await hostOn(3);

await person(controller.manualStop('counted'));
const { left } = await controller.manualStop('limited')();
await end({ refused: left?._tag });
