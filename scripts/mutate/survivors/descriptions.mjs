import { inFile, stringMutant } from './in-file.mjs';

export const ofTheDescriptions = [
  inFile('src/words.ts', 'the groups of the expression always match: the values in their place are for the compiler', [
    'inWords',
    ["''", stringMutant, 2],
  ]),
  inFile('src/words.ts', 'seconds come last and once', ['asWritten', ['/m0s$/', '/m0s/']]),
  inFile('src/words.ts', 'what is joined is one text or none', ['listed', ["''", stringMutant]]),
];
