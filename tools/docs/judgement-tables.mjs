import { code, table } from './markdown.mjs';

/**
 * What a rules file may set, with the defaults: the rules of the verdict, and the checks.
 *
 * @param {Pick<typeof import('@factory/judgement'), 'CHECK_CODES' | 'CHECK_RULES' | 'DEFAULT_CHECK_LIMITS' |
 *   'LIMIT_UNITS' | 'VERDICT_RULES'>} facts
 * @returns {Record<string, string>} tables by region
 */
export function judgementTables({
  CHECK_CODES,
  CHECK_RULES,
  DEFAULT_CHECK_LIMITS,
  LIMIT_UNITS,
  VERDICT_RULES,
}) {
  return {
    'verdict-rules': table(
      ['rule', 'default', 'unit', 'meaning'],
      Object.entries(VERDICT_RULES).map(([name, { byDefault, unit, meaning }]) => [
        code(name),
        byDefault === undefined ? 'none' : code(shown(byDefault)),
        unit,
        meaning,
      ]),
    ),
    'check-rules': table(
      ['check', 'severity', 'limit', 'unit', 'may be', 'finding'],
      [
        [
          code('falseStops'),
          '',
          code(DEFAULT_CHECK_LIMITS.falseStops),
          'share of runs',
          'above 0, up to 0.2',
          'chance that any test stops a run of clean data',
        ],
        ...CHECK_CODES.map((name) => {
          const { severity, limit, unit, meaning } = CHECK_RULES[name];
          return [code(name), severity, code(limit), unit, rangeOf(LIMIT_UNITS[unit]), meaning];
        }),
      ],
    ),
  };
}

/** @param {unknown} value */
function shown(value) {
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${name}: ${one}`)
    .join(', ')} }`;
}

/** @param {{ from: number, to: number }} range */
function rangeOf({ from, to }) {
  if (to === Infinity) return `from ${from}`;
  return `${from} to ${Number(to.toFixed(2))}`;
}
