/** The form for a new instance and for another policy. It says as one types what the policy does, and what is odd about it. */
import type { RestartPolicy } from 'restart-policy';
import { decodeRestartPolicy, RestartPolicyCodec } from 'restart-policy/codec';
import { describePolicy, lintPolicy, withWireNames } from 'restart-policy/describe';
import type { OverviewInstance } from '../overview.js';
import { create, type Refused, updatePolicy } from './api.js';
import { element, enable, make, makeButton, write } from './dom.js';
import { type Field, fields, type Problem, policyOf, problemOf, valuesOf } from './fields.js';

interface Input {
  readonly input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
  readonly problem: HTMLElement;
}

interface Editing {
  readonly title: string;
  readonly policy: RestartPolicy;
  readonly beyond: boolean;
  /** null: only the policy is asked for. */
  readonly instance: { readonly name: string; readonly script: string } | null;
  readonly done: string;
  readonly save: (values: { name: string; script: string; policy: unknown }) => Promise<Refused>;
}

const usual: RestartPolicy = { mode: 'on_failure', backoff: 5_000, maxAttempts: 5, stableAfter: 600_000 };

export const editPolicy = (
  { id, name, policy }: OverviewInstance,
  beyond: boolean,
  onSaved: () => Promise<void>,
): void =>
  open(
    {
      title: `Policy of ${name}`,
      policy: policy ?? usual,
      beyond,
      instance: null,
      done: 'Save the policy',
      save: ({ policy: wanted }) => updatePolicy(id, wanted),
    },
    onSaved,
  );

export const createInstance = (beyond: boolean, onSaved: () => Promise<void>): void =>
  open(
    {
      title: 'New instance',
      policy: usual,
      beyond,
      instance: { name: '', script: '' },
      done: 'Create and start it',
      save: ({ name, script, policy }) => create(name, script, policy),
    },
    onSaved,
  );

const open = ({ title, policy, beyond, instance, done, save }: Editing, onSaved: () => Promise<void>): void => {
  const dialog = element<HTMLDialogElement>('editor');
  dialog.replaceChildren();
  const form = make('form', dialog);
  form.noValidate = true;
  make('h2', form, { text: title }).id = 'editor-title';
  const grid = make('div', form, { className: 'fields' });
  const owned = instance === null ? null : addOwned(grid, instance);
  const inputs = new Map<string, Input>();
  // What the server would not take is not asked for. Another policy replaces the whole one, so that is lost with it.
  const offered = fields.filter((field) => beyond || !field.beyond);
  const values = valuesOf(RestartPolicyCodec.encode(policy) as unknown as Readonly<Record<string, unknown>>);
  const lost = fields.filter((field) => !offered.includes(field) && (values[field.name] ?? '') !== '');
  for (const field of offered) inputs.set(field.name, addField(grid, field, values[field.name] ?? ''));

  if (lost.length > 0) {
    const names = lost.map(({ label }) => label).join(', ');
    const text = `This server does not take these fields, and another policy drops them: ${names}.`;
    make('li', make('ul', form, { className: 'warnings' }), { text });
  }
  const says = make('div', form, { className: 'says' });
  says.setAttribute('role', 'status');
  const description = make('p', says);
  const warnings = make('ul', says, { className: 'warnings' });
  const answer = make('p', form, { className: 'answer' });
  answer.setAttribute('role', 'alert');
  const buttons = make('div', form, { className: 'buttons' });
  const submit = make('button', buttons, { text: done, className: 'strong' });
  submit.type = 'submit';
  makeButton(buttons, 'Cancel', () => dialog.close());

  const read = () => policyOf(Object.fromEntries([...inputs].map(([name, { input }]) => [name, input.value])));

  /** Shows what is wrong; true: nothing is. */
  const check = (): boolean => {
    const { policy: wanted, problems } = read();
    const decoded = decodeRestartPolicy(wanted);
    const all = decoded._tag === 'Left' ? [...problems, ...decoded.left.map(problemOf)] : problems;
    for (const [name, input] of inputs) showProblem(input, all.find(({ field }) => field === name) ?? null);
    const loose = all.filter(({ field }) => field === null || !inputs.has(field));
    if (decoded._tag === 'Right' && problems.length === 0) {
      write(description, describePolicy(decoded.right));
      const lines = lintPolicy(decoded.right).map(withWireNames);
      warnings.replaceChildren(...lines.map(({ message, hint }) => make('li', null, { text: `${message} ${hint}` })));
    } else {
      write(description, loose[0]?.message ?? 'Something in it is not right yet.');
      warnings.replaceChildren();
    }
    return all.length === 0;
  };

  // Saved once, however often it is pressed. Closed meanwhile, the form is not the one that may be open by then.
  let isSaving = false;
  form.addEventListener('input', check);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isSaving) return;
    if (!check()) {
      for (const { input } of inputs.values()) if (input.getAttribute('aria-invalid') === 'true') return input.focus();
      return;
    }
    write(answer, '');
    const { name = '', script = '' } = { name: owned?.name.value, script: owned?.script.value };
    isSaving = true;
    enable(submit, false);
    void save({ name, script, policy: read().policy }).then(async (refused) => {
      isSaving = false;
      enable(submit, true);
      write(answer, refused ?? '');
      if (refused !== null) return;
      await onSaved();
      if (form.isConnected) dialog.close();
    });
  });
  check();
  // Whoever has opened it gets the focus back when it is closed: the dialog sees to that.
  dialog.showModal();
};

const addOwned = (grid: Element, { name, script }: NonNullable<Editing['instance']>) => {
  const text = (label: string, hint: string, value: string): HTMLInputElement => {
    const row = make('div', grid, { className: 'field' });
    const called = make('label', row, { text: label });
    const input = make('input', row);
    input.id = `editor-${label.toLowerCase()}`;
    called.htmlFor = input.id;
    input.value = value;
    input.autocomplete = 'off';
    input.spellcheck = false;
    const described = make('small', row, { text: hint });
    described.id = `hint-${label.toLowerCase()}`;
    input.setAttribute('aria-describedby', described.id);
    return input;
  };
  return {
    name: text('Name', 'small letters, digits and dashes', name),
    script: text('Command', 'run by /bin/sh', script),
  };
};

const addField = (grid: Element, { name, label, hint, kind }: Field, value: string): Input => {
  const row = make('div', grid, { className: kind === 'rules' ? 'field broad' : 'field' });
  const called = make('label', row, { text: label });
  const input = inputFor(row, kind);
  input.name = name;
  input.id = `editor-${name}`;
  called.htmlFor = input.id;
  input.value = value;
  const described = make('small', row, { text: hint });
  const problem = make('strong', row, { className: 'problem' });
  described.id = `hint-${name}`;
  problem.id = `problem-${name}`;
  input.setAttribute('aria-describedby', `${problem.id} ${described.id}`);
  return { input, problem };
};

const inputFor = (row: Element, kind: Field['kind']): Input['input'] => {
  if (kind === 'rules') {
    const area = make('textarea', row);
    area.rows = 3;
    area.spellcheck = false;
    return area;
  }
  if (kind === 'span' || kind === 'number') {
    const input = make('input', row);
    input.autocomplete = 'off';
    input.spellcheck = false;
    if (kind === 'number') input.inputMode = 'decimal';
    return input;
  }
  const select = make('select', row);
  for (const [value, text] of kind) make('option', select, { text }).value = value;
  return select;
};

const showProblem = ({ input, problem }: Input, wrong: Problem | null): void => {
  write(problem, wrong?.message ?? '');
  input.setAttribute('aria-invalid', String(wrong !== null));
};
