/**
 * Colours of a terminal (ANSI), where it has any. Node's own `styleText` asks the standard output of the process, each version of
 * it differently; whether there are colours is decided by then.
 */

const codes = {
  bold: [1, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [90, 39],
} as const;

export type Colour = keyof typeof codes;

export type Paint = (colour: Colour, text: string) => string;

export const paintWith =
  (hasColours: boolean): Paint =>
  (colour, text) => {
    const [on, off] = codes[colour];
    return hasColours && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  };
