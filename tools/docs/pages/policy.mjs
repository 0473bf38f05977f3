import { code, paragraphs, table } from '../markdown.mjs';

/**
 * @param {{ facts: { policyDefaults: Record<string, unknown> }, docs: (type: string) => Map<string, string> }} about
 */
export function policyPage({ facts: { policyDefaults }, docs }) {
  const meaning = docs('Policy');
  return paragraphs(
    '# Policy',
    'What may differ from product to product: `factory policy show PRODUCT`, `factory policy set PRODUCT field=value`. ' +
      'A run keeps the policy that it began with.',
    table(
      ['field', 'default', 'meaning'],
      Object.entries(policyDefaults).map(([field, value]) => [code(field), code(value), meaning.get(field) ?? '']),
    ),
  );
}
