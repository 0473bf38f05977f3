import { BadInputError, checkName } from '@factory/domain';
import { placeOf } from '@factory/rows';

/** A goal as given in the options. */
export interface GoalRequest {
  readonly name: string;
  /** `column`, or `column:value` where only that value means yes. */
  readonly of: string;
}

/** A goal of the file. */
export interface GoalRule {
  readonly name: string;
  /** Name and index in the header. */
  readonly column: string;
  readonly place: number;
  /** Values that mean yes; undefined = those of `--goal-value`, else the usual words. */
  readonly values: readonly string[] | undefined;
}

/** Options for the labels of all goals. */
export interface LabelWords {
  /** Default true, yes, y, t, 1. */
  readonly goalValues?: readonly string[] | undefined;
  /** Default false, no, n, f, 0; `*` = every other value. */
  readonly otherValues?: readonly string[] | undefined;
  /** What to do with a row without a label; absent = it is refused. */
  readonly unlabelled?: 'drop' | 'no' | undefined;
}

/** `name=column[:value]`. @throws BadInputError `invalid-goal`, `invalid-name` */
export function goalRequestOf(text: string): GoalRequest {
  const at = text.indexOf('=');
  const of = text.slice(at + 1).trim();
  if (at < 0 || of === '') {
    const todo = 'write name=column or name=column:value, such as sale=sold or sale=state:paid';
    throw new BadInputError('invalid-goal', { field: 'goal', value: text, todo });
  }
  return { name: checkName('goal', text.slice(0, at).trim()), of };
}

/**
 * Finds the goals' columns. A goal that is given twice with the same column gets both values.
 *
 * @throws BadInputError `missing-column`, `duplicate-goal`
 */
export function resolveGoals(header: readonly string[], requests: readonly GoalRequest[]): GoalRule[] {
  const rules = new Map<string, GoalRule>();
  for (const request of requests) {
    const rule = resolve(header, request);
    const before = rules.get(rule.name);
    if (before === undefined) {
      rules.set(rule.name, rule);
      continue;
    }
    if (before.place !== rule.place || before.values === undefined || rule.values === undefined) {
      const todo = 'give each goal a different name, or several values of one column';
      throw new BadInputError('duplicate-goal', { field: 'goal', value: rule.name, todo });
    }
    rules.set(rule.name, { ...before, values: [...before.values, ...rule.values] });
  }
  return [...rules.values()];
}

/** A column's name may contain a colon: the longest match with a name in the header is used. */
function resolve(header: readonly string[], { name, of }: GoalRequest): GoalRule {
  for (let end = of.length; end > 0; end = of.lastIndexOf(':', end - 1)) {
    const place = placeOf(header, of.slice(0, end));
    if (place === undefined) continue;
    const values = end === of.length ? undefined : [of.slice(end + 1)];
    return { name, column: header[place] ?? '', place, values };
  }
  throw new BadInputError('missing-column', {
    field: `goal ${name}`,
    value: of,
    todo: `use one of the file's columns: ${header.join(', ')}`,
  });
}
