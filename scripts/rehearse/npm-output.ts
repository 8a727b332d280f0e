/** What npm says that nobody who installs the package should have to read. */

const troubles: ReadonlyArray<readonly [RegExp, string]> = [
  [/ERESOLVE|conflicting peer/i, 'a conflict of peers'],
  [/EBADENGINE|unsupported engine/i, 'a version of Node that is not supported'],
  [/deprecated/i, 'something deprecated'],
  [/install scripts?\b|allow-scripts|allowScripts/i, 'a script at installation'],
  [/^(?!found 0 )(?=.*\b\d+ (?:\w+ severity )?vulnerabilit)/i, 'a vulnerability'],
  [/^npm (?:warn|WARN|error|ERR!)/, 'a warning'],
];

export interface Trouble {
  readonly kind: string;
  readonly line: string;
}

/** Each line with the first of the troubles that it tells of. */
export const troublesIn = (output: string): ReadonlyArray<Trouble> =>
  output
    .split('\n')
    .map((line) => line.trim())
    .flatMap((line) => {
      const found = troubles.find(([pattern]) => pattern.test(line));
      return found === undefined ? [] : [{ kind: found[1], line }];
    });
