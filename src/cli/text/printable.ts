/** Without what a terminal would obey: an input that is shown must not move the cursor, clear the screen, or worse. */
export const printable = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, '\ufffd');
