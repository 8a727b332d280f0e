/** The fourth day, by the present version: it goes on. */
import { hostOn } from './host.mjs';

const { end } = await hostOn(4);
await end();
