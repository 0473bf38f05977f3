import { code, paragraphs, table } from '../markdown.mjs';

/** @typedef {{ name: string, meaning: string, unit: string, default: unknown, range: string }} Field */

/** @param {{ facts: { policy: readonly Field[] } }} about */
export function policyPage({ facts: { policy } }) {
  return paragraphs(
    '# Policy',
    'What may differ from product to product. `factory policy show PRODUCT --explain` prints the same with the values ' +
      'of a product, `factory policy set PRODUCT field=value` sets them, an empty value gives a field its default ' +
      'back. A run keeps the policy that it began with.',
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
