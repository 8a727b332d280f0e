/** No longer than so many characters: what is cut off ends in an ellipsis. */
export const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, Math.max(0, most - 1))}…` : text;
