/** Asks before what cannot be undone. */
import { element, make, makeButton } from './dom.js';

/** false: no, or the question was left unanswered. */
export const confirm = (title: string, text: string, yes: string): Promise<boolean> =>
  new Promise((resolve) => {
    const dialog = element<HTMLDialogElement>('confirmation');
    dialog.replaceChildren();
    make('h2', dialog, { text: title }).id = 'confirmation-title';
    make('p', dialog, { text });
    const buttons = make('div', dialog, { className: 'buttons' });
    const no = makeButton(buttons, 'Cancel', () => dialog.close());
    makeButton(buttons, yes, () => dialog.close('yes'), 'danger');
    dialog.returnValue = '';
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
    dialog.showModal();
    no.focus();
  });
