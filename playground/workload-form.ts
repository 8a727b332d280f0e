/**
 * The form of the workload, and of what people do meanwhile.
 */
import { endCauses } from 'restart-policy';
import { choice, type ErrorPlace, errorPlace, type Input, make, typed } from './dom.js';
import { blankSpans, workloadTexts } from './field-texts.js';
import type { Errors } from './policy-input.js';
import { kindsOfRuns, type RunsKind, type WorkloadField, type WorkloadText } from './state.js';
import { fieldsOfKind } from './workload-input.js';

const kindNames: Readonly<Record<RunsKind, string>> = {
  crash: 'Runs alike',
  random: 'By chance',
  log: 'A log',
};

type AnyField = WorkloadField | 'cause' | 'log';

/** In the order of the form. */
const fields = Object.keys(workloadTexts) as ReadonlyArray<AnyField>;

const inputOf = (field: AnyField): Input => {
  const attributes = { id: field };
  if (field === 'cause')
    return choice([['', 'not said'], ...endCauses.map((cause) => [cause, cause] as const)], attributes);
  const { blank } = workloadTexts[field];
  if (field !== 'log') return typed({ ...attributes, placeholder: blank });
  return make('textarea', {
    ...attributes,
    rows: 8,
    placeholder: blank,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    wrap: 'off',
  });
};

export const createWorkloadForm = (onChange: (workload: WorkloadText, field: string | null) => void) => {
  let workload: WorkloadText | null = null;
  const change = (changed: Partial<WorkloadText>, field: string | null): void => {
    if (workload === null) return;
    const next = { ...workload, ...changed };
    show(next);
    onChange(next, field);
  };

  const kinds = kindsOfRuns.map((kind) => {
    const radio = make('input', { type: 'radio', name: 'runs', value: kind, id: `runs-${kind}` });
    radio.addEventListener('change', () => change({ runs: kind }, null));
    return { kind, radio };
  });

  const rows = fields.map((field) => {
    const { name, unit, hint } = workloadTexts[field];
    const input = inputOf(field);
    const isTyped = !(input instanceof HTMLSelectElement);
    input.addEventListener(isTyped ? 'input' : 'change', () =>
      change({ [field]: input.value }, isTyped ? field : null),
    );
    const error: ErrorPlace = errorPlace(input, `error-${field}`, `hint-${field}`);
    const element = make(
      'div',
      { class: `row ${field === 'log' ? 'wide' : ''}` },
      make('label', { for: field }, name, make('small', {}, unit)),
      input,
      make('p', { class: 'hint', id: `hint-${field}` }, hint),
      error.element,
      ...(field === 'log' ? [fileFor((text) => change({ log: text }, null))] : []),
    );
    return { field, input, error, element };
  });

  const show = (next: WorkloadText): void => {
    workload = next;
    for (const { kind, radio } of kinds) radio.checked = kind === next.runs;
    const asked: ReadonlyArray<AnyField> = fieldsOfKind[next.runs];
    for (const { field, input, element } of rows) {
      element.hidden = !asked.includes(field);
      if (input.value !== next[field]) input.value = next[field];
      if (field === 'for' && input instanceof HTMLInputElement) input.placeholder = blankSpans[next.runs];
    }
  };

  return {
    element: make(
      'div',
      {},
      make(
        'fieldset',
        { class: 'kinds' },
        make('legend', { class: 'unseen' }, 'Runs'),
        ...kinds.map(({ kind, radio }) => make('label', {}, radio, kindNames[kind])),
      ),
      ...rows.map(({ element }) => element),
    ),
    show,
    tell: (errors: Errors): void => {
      for (const { field, error } of rows) error.show(errors.get(field) ?? '');
    },
  };
};

/** A file is read here, and goes nowhere. */
const fileFor = (onText: (text: string) => void): HTMLElement => {
  const input = make('input', {
    type: 'file',
    accept: '.csv,.json,.jsonl,.txt,text/*',
    'aria-label': 'Log from a file',
  });
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file === undefined) return;
    file.text().then(onText, () => onText(''));
  });
  return input;
};
