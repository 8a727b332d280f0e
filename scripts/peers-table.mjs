/**
 * The figures of `npm run test:peers` as people read them.
 */

/** @typedef {import('../test/peers/figures.js').Figures} Figures */
/** @typedef {import('../test/peers/figures.js').PeerFigures} PeerFigures */
/** @typedef {import('../test/peers/figures.js').ScenarioFigures} ScenarioFigures */

/** @type {(ms: number) => string} */
const seconds = (ms) => `${(ms / 1_000).toFixed(2)} s`;

/** @type {(row: ReadonlyArray<string>) => string} */
const line = (row) => `| ${row.join(' | ')} |`;

/** @type {(scenario: ScenarioFigures) => string} */
const scenarioRow = ({ kind, says, starts, compared, largestDifferenceMs, lost, gained }) =>
  line([
    kind,
    says,
    String(starts),
    String(compared),
    largestDifferenceMs === null ? '' : seconds(largestDifferenceMs),
    [...lost.map((field) => `\`${field}\``), ...gained.map((field) => `\`${field}\`, a gain`)].join(', '),
  ]);

/** @type {(peer: PeerFigures) => string} */
const costOf = ({ costMs, grainMs, because }) => {
  if (costMs === null) {
    return `It may be late by ${seconds(grainMs)}: ${because}. What a start costs it cannot be told from that.`;
  }
  return grainMs === 0
    ? `A start cost it ${seconds(costMs)}, and ${because}.`
    : `A start cost it ${seconds(costMs)}, and it may be late by ${seconds(grainMs)} more: ${because}.`;
};

/** @type {(peer: PeerFigures) => string} */
const partOf = (peer) =>
  [
    `## ${peer.peer} ${peer.version}`,
    '',
    costOf(peer),
    '',
    line(['scenario', 'what it did', 'starts', 'compared', 'largest difference', 'reported as lost']),
    '|---|---|--:|--:|--:|---|',
    ...peer.scenarios.map(scenarioRow),
  ].join('\n');

/** @type {(figures: Figures) => string} one part for each peer */
const peersTables = ({ peers }) => peers.map(partOf).join('\n\n');

/** @type {(figures: Figures) => string} one row for each peer */
export const peersSummary = ({ peers }) =>
  [
    line([
      'peer',
      'scenarios',
      'starts compared',
      'largest difference',
      'what a start costs it',
      'its own grain',
      'scenarios with a loss',
    ]),
    '|---|--:|--:|--:|--:|--:|--:|',
    ...peers.map(({ peer, version, costMs, grainMs, scenarios }) =>
      line([
        `${peer} ${version}`,
        String(scenarios.length),
        String(scenarios.reduce((sum, { compared }) => sum + compared, 0)),
        seconds(Math.max(...scenarios.map(({ largestDifferenceMs }) => largestDifferenceMs ?? 0))),
        costMs === null ? '' : seconds(costMs),
        grainMs === 0 ? '' : seconds(grainMs),
        String(scenarios.filter(({ lost }) => lost.length > 0).length),
      ]),
    ),
  ].join('\n');

const [begin, end] = ['<!-- figures: written by `npm run test:peers` -->', '<!-- end of figures -->'];

/** @type {(page: string, text: string) => string} the page with a text in the place of the one that it had */
const withPart = (page, text) => {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('the page has lost the marks of its figures');
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
};

/** @type {ReadonlyArray<{ path: string, with: (page: string, figures: Figures) => string }>} each page that shows figures */
export const pagesWithFigures = [
  {
    path: 'docs/peers.md',
    with: (page, figures) =>
      withPart(page, [`Measured on ${figures.measured}.`, peersSummary(figures), peersTables(figures)].join('\n\n')),
  },
  { path: 'docs/migration.md', with: (page, figures) => withPart(page, peersSummary(figures)) },
];
