import {
  checkGridName,
  checkName,
  BadInputError,
  UNTIL,
  WINDOWS,
  type GridName,
  type Until,
  type WindowChoice,
} from '@factory/domain';

/** A product's id, or 0 for every active one. */
export function productOrAll(text: string): number {
  const id = wholeNumber(text);
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw new BadInputError('invalid-product', {
    field: 'product',
    value: text,
    todo: 'give a positive whole number, or 0 for every active product',
  });
}

export function product(text: string): number {
  const id = wholeNumber(text);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new BadInputError('invalid-product', {
    field: 'product',
    value: text,
    todo: 'give a positive whole number',
  });
}

export function name(field: string): (text: string) => string {
  return (text) => checkName(field, text);
}

/** A version as `factory models` lists it: it becomes part of an object's key. */
export function versionName(field: string): (text: string) => string {
  return (text) => {
    if (/^[A-Za-z0-9-]{1,64}$/.test(text)) return text;
    throw new BadInputError('invalid-version', {
      field,
      value: text,
      todo: 'give a version as listed by `factory models --product P`, such as 20240401T093000-3f2a91c0',
    });
  };
}

export function grid(text: string): GridName {
  return checkGridName(text);
}

export function until(text: string): Until {
  const known = UNTIL.find((one) => one === text);
  if (known) return known;
  throw new BadInputError('invalid-until', {
    field: 'until',
    value: text,
    todo: `use one of ${UNTIL.join(', ')}`,
  });
}

export function windowChoice(text: string): WindowChoice {
  const known = WINDOWS.find((one) => one === text);
  if (known) return known;
  throw new BadInputError('invalid-window', {
    field: 'window',
    value: text,
    todo: `use one of ${WINDOWS.join(', ')}`,
  });
}

/** Whole numbers of at least `least`. */
export function atLeast(field: string, least: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new BadInputError('invalid-number', {
      field,
      value: text,
      todo: `give a whole number from ${least}`,
    });
  };
}

/**
 * `key=value` pairs of a policy. Values are parsed as JSON if possible, else they are text; an empty value
 * restores the default.
 *
 * @throws BadInputError `invalid-setting`
 */
export function settings(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key, value] = /^([A-Za-z][A-Za-z0-9]*)=(.*)$/s.exec(pair) ?? [];
      if (key !== undefined && value !== undefined) return [key, value === '' ? null : settingValue(value)];
      throw new BadInputError('invalid-setting', {
        field: 'setting',
        value: pair,
        todo: 'write key=value, such as grid=full or outOfTimeDays=0; key= restores the default',
      });
    }),
  );
}

function settingValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A moment in UTC: a date, which means its first moment, or a date with a time. */
export function instant(field: string): (text: string) => Date {
  return (text) => {
    const [, day, time = '00:00:00'] =
      /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})Z?)?$/.exec(text.trim()) ?? [];
    const moment = new Date(`${day}T${time}Z`);
    // The calendar rolls over: 2030-02-30 would be a day in March.
    if (!Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(`${day}T${time}`)) return moment;
    throw new BadInputError('invalid-instant', {
      field,
      value: text,
      todo: 'write YYYY-MM-DD or "YYYY-MM-DD HH:MM:SS", in UTC, of a day that exists',
    });
  };
}

function wholeNumber(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** For a repeatable option: every value, in order. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** An option with a fixed set of values. */
export function oneOf<Word extends string>(field: string, ...words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new BadInputError(`invalid-${field}`, {
      field,
      value: text,
      todo: `use one of ${words.join(', ')}`,
    });
  };
}
