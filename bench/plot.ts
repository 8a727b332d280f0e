/**
 * What a decision takes, as bars on a logarithmic scale: the sides lie three powers of ten apart.
 */
import type { PathCost } from './decide.js';
import { short } from './table.js';

const sides = [
  { key: 'floor', label: 'floor', fill: '#9aa5b1' },
  { key: 'decide', label: 'decide', fill: '#1f6feb' },
  { key: 'codec', label: 'codec', fill: '#8b5cf6' },
  { key: 'chart', label: 'XState', fill: '#d97706' },
] as const;

const left = 130;
const wide = 500;
const barHeight = 15;
const groupHeight = sides.length * (barHeight + 2) + 16;

/** 1 ns to 1 ms. */
const decades = 6;
const lengthOf = (nanos: number): number =>
  Math.round((wide * Math.min(decades, Math.max(0, Math.log10(nanos)))) / decades);

export const plotOf = (paths: ReadonlyArray<PathCost>): string => {
  const height = 40 + paths.length * groupHeight + 24;
  const ticks = Array.from({ length: decades + 1 }, (_, power) => {
    const x = left + (wide * power) / decades;
    const text = ['1 ns', '10 ns', '100 ns', '1 µs', '10 µs', '100 µs', '1 ms'][power] ?? '';
    return [
      `<line x1="${x}" y1="30" x2="${x}" y2="${height - 24}" stroke="#d0d7de"/>`,
      `<text x="${x}" y="${height - 8}" text-anchor="middle">${text}</text>`,
    ].join('');
  });
  const groups = paths.map((cost, group) => {
    const top = 40 + group * groupHeight;
    const bars = sides.map(({ key, label, fill }, index) => {
      const y = top + index * (barHeight + 2);
      const length = lengthOf(cost[key].nanos);
      return [
        `<text x="${left - 6}" y="${y + 12}" text-anchor="end">${label}</text>`,
        `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" fill="${fill}"/>`,
        `<text x="${left + length + 4}" y="${y + 12}">${short(cost[key].nanos)}</text>`,
      ].join('');
    });
    return `<text x="8" y="${top + 12}" font-weight="bold">${cost.path}</text>${bars.join('\n')}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 ${height}" font-family="sans-serif" font-size="12" fill="#24292f">
<title>Nanoseconds per decision</title>
<rect width="700" height="${height}" fill="#ffffff"/>
<text x="8" y="20" font-size="14" font-weight="bold">Nanoseconds per decision (logarithmic scale, shorter is better)</text>
${[...ticks, ...groups].join('\n')}
</svg>
`;
};
