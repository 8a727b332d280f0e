/**
 * G8 and G9 where ports do not answer: whatever outlasts its deadline, and lands at whatever later moment or never, and
 * whenever a controller is closed, no start is unpaid for, and from an acknowledged stop on nothing runs.
 *
 * Every order of every effect of the real controller's ports, in small scenarios. PROVE=1 explores larger ones.
 */
import { deadlines } from './interleavings/deadlines.js';
import { testEvery } from './interleavings/survey.js';

testEvery('G9', deadlines);
