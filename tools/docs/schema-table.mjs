import { code, table } from './markdown.mjs';

/**
 * @typedef {object} JsonSchema
 * @property {string | readonly string[]} [type]
 * @property {string} [title] names one of several variants, or a schema without a type
 * @property {string} [format]
 * @property {string} [pattern]
 * @property {unknown} [const]
 * @property {readonly unknown[]} [enum]
 * @property {readonly JsonSchema[]} [anyOf]
 * @property {readonly JsonSchema[]} [oneOf]
 * @property {JsonSchema} [items]
 * @property {Record<string, JsonSchema>} [properties]
 * @property {readonly string[]} [required]
 * @property {number} [minimum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [maximum]
 * @property {number} [exclusiveMaximum]
 * @property {number} [minLength]
 * @property {number} [maxLength]
 */

/**
 * A table of a schema's fields: path, type, whether it may be absent, meaning. If a field has several variants, the
 * paths of a variant's fields contain its title or kind: `trials[](only read).settings`.
 *
 * @param {JsonSchema} schema
 * @param {ReadonlyMap<string, string>} docs the code's comments, by path
 * @param {ReadonlyMap<string, string>} [elsewhere] fields whose content is described elsewhere: path -> where
 */
export function schemaTable(schema, docs, elsewhere = new Map()) {
  const rows = fieldsOf(schema, '', '').map(({ path, documented, type, optional }) => {
    const link = elsewhere.get(path);
    return [code(path), link ?? type, optional ? 'optional' : '', docs.get(documented) ?? ''];
  });
  const hidden = [...elsewhere.keys()];
  const shown = rows.filter(
    ([path = '']) => !hidden.some((one) => path.startsWith(`\`${one}.`) || path.startsWith(`\`${one}[`)),
  );
  return table(['field', 'type', '', 'meaning'], shown);
}

/**
 * @param {JsonSchema} schema
 * @param {string} path
 * @param {string} documented the path in comments of types, which have no titles
 * @returns {{ path: string, documented: string, type: string, optional: boolean }[]}
 */
function fieldsOf(schema, path, documented) {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants)
    return variants.flatMap((one) => {
      const kind = isTold(one) ? `(${String(kindOf(one))})` : '';
      return fieldsOf(one, path + (one.title ? `(${one.title})` : kind), documented + kind);
    });
  if (schema.items) return fieldsOf(schema.items, `${path}[]`, `${documented}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const [to, from] = [below(path, name), below(documented, name)];
    const optional = !(schema.required ?? []).includes(name);
    return [{ path: to, documented: from, type: typeText(field), optional }, ...fieldsOf(field, to, from)];
  });
}

/** @param {string} path @param {string} name */
const below = (path, name) => (path === '' ? name : `${path}.${name}`);
/** @param {JsonSchema} schema */
const kindOf = (schema) => schema.properties?.['kind']?.const;
/** @param {JsonSchema} schema */
const isTold = (schema) => kindOf(schema) !== undefined;

/** @param {JsonSchema} schema @returns {string} */
export function typeText(schema) {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return [...new Set(variants.map(typeText))].join(' or ');
  const { type } = schema;
  if (typeof type === 'object') return type.map((one) => typeText({ ...schema, type: one })).join(' or ');
  switch (type) {
    case 'integer':
      return `whole number${rangeText(schema)}`;
    case 'number':
      return `number${rangeText(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return `list${schema.items && !schema.items.properties && !schema.items.oneOf ? ` of: ${typeText(schema.items)}` : ''}`;
    case 'object':
      return 'object';
    case 'string':
      return stringText(schema);
    default:
      return schema.title ?? 'any';
  }
}

/** @param {JsonSchema} schema */
function stringText({ format, pattern, maxLength }) {
  if (format === 'uuid') return 'UUID';
  if (format === 'date-time') return 'instant, UTC, ISO 8601';
  if (format === 'date') return 'day, UTC, ISO 8601';
  if (pattern) return `text like ${code(pattern)}`;
  return maxLength === undefined ? 'text' : `text of at most ${maxLength} characters`;
}

/** @param {JsonSchema} schema */
function rangeText({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }) {
  if (minimum !== undefined && minimum === maximum) return ` ${minimum}`;
  const limits = [
    isLimit(minimum) ? `from ${minimum}` : '',
    isLimit(exclusiveMinimum) ? `above ${exclusiveMinimum}` : '',
    isLimit(maximum) ? `to ${maximum}` : '',
    isLimit(exclusiveMaximum) ? `below ${exclusiveMaximum}` : '',
  ].filter((one) => one !== '');
  return limits.length === 0 ? '' : ` ${limits.join(' ')}`;
}

/** The bounds of safe integers are not limits. @param {number | undefined} value */
const isLimit = (value) => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
