/**
 * Elements of the page. All text is set as text, so that whatever somebody typed, or a link brought, stays a text.
 */

/** One of index.html. */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
};

type Attributes = Readonly<Record<string, string | boolean | number>>;

export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
};

/** Writes only what differs, so that a selection in the text survives. */
export const write = (target: HTMLElement, text: string): void => {
  if (target.textContent !== text) target.textContent = text;
};

export const button = (text: string, name: string, onClick: () => void): HTMLButtonElement => {
  const made = make('button', { type: 'button', 'aria-label': name }, text);
  made.addEventListener('click', onClick);
  return made;
};

export type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** A choice of values and what they are called. */
export const choice = (options: ReadonlyArray<readonly [value: string, text: string]>, attributes: Attributes = {}) =>
  make('select', attributes, ...options.map(([value, text]) => make('option', { value }, text)));

/** A field to type a value into; what is typed is no prose. */
export const typed = (attributes: Attributes = {}): HTMLInputElement =>
  make('input', { type: 'text', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', ...attributes });

/** What is wrong with a field, beside it. */
export interface ErrorPlace {
  readonly element: HTMLElement;
  /** Blank: nothing is. */
  readonly show: (message: string) => void;
}

/** `described` is the id of what explains the field; blank: nothing does. `side`: the class of whose field it is. */
export const errorPlace = (input: Input, id: string, described: string, side = ''): ErrorPlace => {
  const element = make('p', { id, class: `error ${side}`.trim(), hidden: true });
  if (described !== '') input.setAttribute('aria-describedby', described);
  return {
    element,
    show: (message) => {
      write(element, message);
      element.hidden = message === '';
      input.toggleAttribute('aria-invalid', message !== '');
      if (message !== '') input.setAttribute('aria-invalid', 'true');
      const ids = [described, message === '' ? '' : id].filter((each) => each !== '').join(' ');
      if (ids !== '') input.setAttribute('aria-describedby', ids);
    },
  };
};
