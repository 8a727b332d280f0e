/**
 * G9: from the acknowledgement of a stop until a later start is recorded the instance does not run, whatever people,
 * controllers, failures and crashes do meanwhile; and no answer says what is not so.
 *
 * Every order of every effect of the real controller's ports, in small scenarios. PROVE=1 explores larger ones.
 */
import { families } from './interleavings/scenarios.js';
import { testEvery } from './interleavings/survey.js';

testEvery('G9', families);
