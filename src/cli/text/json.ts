/**
 * Results for machines: JSON, which people can read too.
 */

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
