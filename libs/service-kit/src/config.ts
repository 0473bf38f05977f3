import { BadInputError, BadInputsError, type Refusal } from '@factory/domain';
import { z } from 'zod';

/**
 * How a variable is shown. `whole`: never. `password`: a URL with a password, masked up to the @. `address`: a
 * URL that should contain no secret; masked in the same way in case it does.
 */
export type Secrecy = 'whole' | 'password' | 'address';

export interface VariableOptions {
  readonly secret?: Secrecy;
}

/** A configuration is a flat object whose fields are named like environment variables. */
export type ConfigSchema = z.ZodObject<Record<string, z.ZodType>>;

/** A row of the configuration table. */
export interface DescribedVariable {
  readonly variable: string;
  readonly description: string;
  readonly required: boolean;
  /** Absent for required variables and for optional ones without a default. */
  readonly default?: string;
  readonly secret: boolean;
}

/** Describes a variable. Call it last: wrapping the result in another type loses the description. */
export function variable<T extends z.ZodType>(
  schema: T,
  description: string,
  { secret }: VariableOptions = {},
): T {
  return schema.meta({ description, secret });
}

/** A whole number, parsed from the environment's text. */
export function wholeNumber(min: number, max: number): z.ZodType<number> {
  const range = `write a whole number from ${min} to ${max}`;
  return z.coerce.number(range).int(range).min(min, range).max(max, range);
}

/** A comma-separated list. */
export function commaList(item: z.ZodType<string, string> = z.string().min(1)): z.ZodType<string[]> {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .pipe(z.array(item).min(1, 'name at least one'));
}

/** A text that `parse` accepts; its error becomes the fault of the variable. */
export function parsedBy(parse: (text: string) => unknown): z.ZodType<string> {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (thrown) {
      const todo = thrown instanceof BadInputError ? thrown.refusal.todo : String(thrown);
      context.addIssue({ code: 'custom', message: todo });
    }
  });
}

/**
 * Reads the configuration from the environment; an empty variable counts as absent.
 *
 * @throws BadInputsError `bad-configuration` with all faults together, secrets masked
 */
export function loadConfig<S extends ConfigSchema>(
  schema: S,
  env: Readonly<Record<string, string | undefined>> = process.env,
): z.output<S> {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, env[name] || undefined]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new BadInputsError(
    'bad-configuration',
    parsed.error.issues.map((issue) => refusalOf(schema, issue, given)),
  );
}

/** The variables of a service, for docs/reference/configuration.md. */
export function describeConfig(schema: ConfigSchema): DescribedVariable[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const absent = field.safeParse(undefined);
    return {
      variable: name,
      description: field.meta()?.description ?? '',
      required: !absent.success,
      ...(absent.success && absent.data !== undefined ? { default: String(absent.data) } : {}),
      secret: secrecyOf(field) !== undefined && secrecyOf(field) !== 'address',
    };
  });
}

function refusalOf(
  schema: ConfigSchema,
  issue: z.core.$ZodIssue,
  given: Readonly<Record<string, string | undefined>>,
): Refusal {
  const name = String(issue.path[0] ?? 'configuration');
  const field = schema.shape[name];
  const value = given[name];
  if (value === undefined && issue.path.length === 1)
    return { field: name, value: null, todo: `set it: ${field?.meta()?.description ?? issue.message}` };
  return { field: name, value: masked(value, field && secrecyOf(field)), todo: issue.message };
}

function secrecyOf(field: z.ZodType): Secrecy | undefined {
  const secret = field.meta()?.['secret'];
  return secret === 'whole' || secret === 'password' || secret === 'address' ? secret : undefined;
}

function masked(value: string | undefined, secrecy: Secrecy | undefined): string | undefined {
  if (value === undefined || !secrecy) return value;
  if (secrecy !== 'whole' && value.includes('@')) return value.replace(/^(.*?:\/\/)?.*@/s, '$1***@');
  return secrecy === 'address' ? value : '***';
}

/** The variable whose name is itself configured, such as the one with a source's connection string. */
export function namedVariable(name: string): string | undefined {
  return process.env[name];
}
