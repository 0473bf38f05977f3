import { z } from 'zod';
import { schemaTable, typeText } from './schema-table.mjs';

/** @param {z.ZodType} schema */
const jsonSchema = (schema) =>
  /** @type {import('./schema-table.mjs').JsonSchema} */ (z.toJSONSchema(schema, { io: 'input' }));

describe('the type of a field in words', () => {
  it.each([
    [z.number().int().positive(), 'whole number above 0'],
    [z.number().min(0).lt(1), 'number from 0 below 1'],
    [z.number().int().min(1).max(1), 'whole number 1'],
    [z.enum(['keep', 'reject']), '`keep`, `reject`'],
    [z.uuid(), 'UUID'],
    [z.iso.datetime(), 'instant, UTC, ISO 8601'],
    [z.string().max(5), 'text of at most 5 characters'],
    [z.array(z.string()), 'list of: text'],
    [z.number().nullable(), 'number or null'],
    [z.literal(true), '`true`'],
  ])('%#', (schema, text) => {
    expect(typeText(jsonSchema(schema))).toBe(text);
  });
});

describe('the table of a schema', () => {
  const schema = jsonSchema(
    z.object({
      run: z.string(),
      trials: z.array(z.object({ epochs: z.number().optional() })),
      part: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('number'), mean: z.number() }),
        z.object({ kind: z.literal('text'), longest: z.number() }),
      ]),
    }),
  );
  /** @param {string} table */
  const fields = (table) =>
    table
      .split('\n')
      .slice(2)
      .map((line) => line.split(' | ')[0]);

  it('names every field by its path, variants by their kind, with their comments', () => {
    const table = schemaTable(schema, new Map([['trials[].epochs', 'How long.']]));
    expect(fields(table)).toEqual([
      '| `run`',
      '| `trials`',
      '| `trials[].epochs`',
      '| `part`',
      '| `part(number).kind`',
      '| `part(number).mean`',
      '| `part(text).kind`',
      '| `part(text).longest`',
    ]);
    expect(table).toContain('| `trials[].epochs` | number | optional | How long. |');
  });

  it('names variants without a kind by their title', () => {
    const forms = z.object({
      trials: z.array(
        z.union([
          z.object({ epochs: z.number(), family: z.literal('a') }).meta({ title: 'sent' }),
          z.object({ settings: z.object({ epochs: z.number() }) }).meta({ title: 'only read' }),
        ]),
      ),
    });
    const table = schemaTable(jsonSchema(forms), new Map([['trials[].settings.epochs', 'How long.']]));
    expect(fields(table)).toEqual([
      '| `trials`',
      '| `trials[](sent).epochs`',
      '| `trials[](sent).family`',
      '| `trials[](only read).settings`',
      '| `trials[](only read).settings.epochs`',
    ]);
    expect(table).toContain('| `trials[](only read).settings.epochs` | number |  | How long. |');
  });

  it('shows no fields of objects that are described elsewhere', () => {
    const table = schemaTable(schema, new Map(), new Map([['trials', '[trial](#trial)']]));
    expect(table).toContain('| `trials` | [trial](#trial) |');
    expect(fields(table)).not.toContain('| `trials[].epochs`');
  });
});
