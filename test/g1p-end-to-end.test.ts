/**
 * G1p from end to end: from the acknowledgement of a pause no automatic start or stop begins until a person resumes,
 * starts or resets the instance; a pause stops nothing; a person's stop is stronger than both; and once resumed the
 * instance gets what it is owed. And D17: a policy that changes during an attempt leaves nothing down that we stopped.
 *
 * Every order of every effect of the real controller's ports, in small scenarios. PROVE=1 explores larger ones.
 */
import { pauses } from './interleavings/pauses.js';
import { testEvery } from './interleavings/survey.js';

testEvery('G1p', pauses);
