import { code, paragraphs, table } from '../markdown.mjs';

/** @typedef {{ name: string, meaning: string, unit: string, default: unknown, range: string }} Field */

/** @param {{ facts: { policy: readonly Field[] } }} about */
export function policyPage({ facts: { policy } }) {
  return paragraphs(
    '# Policy',
    'Settings that may differ between products. `factory policy show PRODUCT --explain` prints the same with the values ' +
      'of a product, `factory policy set PRODUCT field=value` sets them, an empty value restores the default of a ' +
      'field. A run keeps the policy that it started with.',
    table(
      ['field', 'default', 'unit', 'range', 'meaning'],
      policy.map(({ name, default: value, unit, range, meaning }) => [
        code(name),
        code(value),
        unit,
        range,
        meaning,
      ]),
    ),
  );
}
