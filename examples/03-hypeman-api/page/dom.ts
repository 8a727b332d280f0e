/** The document. All text is set through textContent, so that a name that contains HTML is shown as text. */

export const element = <E extends HTMLElement = HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found as E;
};

type Made<Tag extends keyof HTMLElementTagNameMap> = HTMLElementTagNameMap[Tag];

export const make = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  parent: Element | null = null,
  { className = '', text = '' }: { readonly className?: string; readonly text?: string } = {},
): Made<Tag> => {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  if (text !== '') made.textContent = text;
  parent?.append(made);
  return made;
};

export const makeButton = (parent: Element, text: string, onClick: () => void, className = ''): HTMLButtonElement => {
  const made = make('button', parent, { text, className });
  made.type = 'button';
  made.addEventListener('click', () => {
    if (made.getAttribute('aria-disabled') !== 'true') onClick();
  });
  return made;
};

/** Writes only what differs, so that a selection in the text survives, and nothing is laid out anew for nothing. */
export const write = (target: Element, text: string): void => {
  if (target.textContent !== text) target.textContent = text;
};

/** Not `disabled`, which would take the focus away from whoever has just pressed it. */
export const enable = (button: HTMLButtonElement, isEnabled: boolean): void => {
  const disabled = String(!isEnabled);
  if (button.getAttribute('aria-disabled') !== disabled) button.setAttribute('aria-disabled', disabled);
};

/** Reads out once what is new; the same text again is read again. */
export const announce = (text: string): void => {
  const news = element('news');
  news.textContent = '';
  news.textContent = text;
};
