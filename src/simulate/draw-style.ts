/**
 * Colours and sizes of the pictures, light and dark. Each rule is of one picture, so that a page that holds it is not changed.
 */

interface Theme {
  readonly ground: string;
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly uptime: string;
  readonly booting: string;
  readonly waiting: string;
  readonly blocked: string;
  readonly done: string;
  readonly person: string;
  /** On the filled phases. */
  readonly on: string;
}

const light: Theme = {
  ground: '#ffffff',
  ink: '#1f2328',
  dim: '#59636e',
  line: '#c8d1da',
  uptime: '#1a7f37',
  booting: '#54aeff',
  waiting: '#eac54f',
  blocked: '#cf222e',
  done: '#818b98',
  person: '#8250df',
  on: '#ffffff',
};

const dark: Theme = {
  ground: '#0d1117',
  ink: '#f0f6fc',
  dim: '#9198a1',
  line: '#3d444d',
  uptime: '#238636',
  booting: '#1f6feb',
  waiting: '#9e6a03',
  blocked: '#da3633',
  done: '#656c76',
  person: '#ab7df8',
  on: '#ffffff',
};

const variables = (theme: Theme): string =>
  Object.entries(theme)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

const rules: ReadonlyArray<readonly [selector: string, rule: string]> = [
  ['text', 'font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)'],
  ['.title', 'font-size:14px;font-weight:600'],
  ['.label', 'font-size:13px;font-weight:600'],
  ['.small', 'font-size:11px'],
  ['.dim', 'fill:var(--dim)'],
  ['.on', 'font-size:11px;fill:var(--on);text-anchor:middle'],
  ['.in', 'font-size:11px;text-anchor:middle'],
  ['.ground', 'fill:var(--ground)'],
  ['.line', 'fill:none;stroke:var(--line)'],
  ['.uptime', 'fill:var(--uptime);shape-rendering:crispEdges'],
  ['.booting', 'fill:var(--booting);shape-rendering:crispEdges'],
  ['.waiting', 'fill:var(--waiting);shape-rendering:crispEdges'],
  ['.blocked', 'fill:var(--blocked);shape-rendering:crispEdges'],
  ['.done', 'fill:var(--done);shape-rendering:crispEdges'],
  ['.attempt', 'fill:var(--ink)'],
  // Readable over a line that crosses it.
  ['.said-name', 'fill:var(--person);stroke:var(--ground);stroke-width:3px;paint-order:stroke'],
  ['.person', 'fill:var(--person);stroke:none'],
  ['.said', 'fill:none;stroke:var(--person);stroke-width:1.5;stroke-dasharray:3 2'],
];

export const styleOf = (id: string): string => {
  const shapes = rules.map(([selector, rule]) => `.${id} ${selector}{${rule}}`).join('');
  return `<style>.${id}{${variables(light)}}@media (prefers-color-scheme:dark){.${id}{${variables(dark)}}}${shapes}</style>`;
};
