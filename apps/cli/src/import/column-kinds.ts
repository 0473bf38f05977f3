import { BadInputError, type Refusal } from '@factory/domain';
import { type CellReader, unitOf } from '@factory/rows';
import { OddNumbers } from './odd-numbers';

/** `date` and `text` (longer than a category may be) are never features. */
export type ColumnKind = 'number' | 'category' | 'date' | 'text';
export type FeatureKind = Extract<ColumnKind, 'number' | 'category'>;

/** Longest value of a category, in characters. */
export const LONGEST_CATEGORY = 255;
/** With at least this share of numbers, a column is not silently treated as categories. */
export const NEARLY_ALL = 0.98;
const EXAMPLES = 3;
const EXAMPLE_CHARACTERS = 40;

/** What the user declares of a column; overrides what its cells look like. */
export interface DeclaredKind {
  readonly kind: FeatureKind | undefined;
  /** Of a column of numbers: values that are not numbers count as unknown. */
  readonly restMissing: boolean;
}

/** A column, from all its values in the file. */
export interface ColumnProfile {
  readonly name: string;
  /** Index in the header. */
  readonly place: number;
  readonly kind: ColumnKind;
  /** Why it has that kind. */
  readonly why: string;
  /** Rows in which the value is unknown. */
  readonly missing: number;
  /** Different values; where `allLevels` is false there are more. */
  readonly levels: number;
  readonly allLevels: boolean;
  /** Range of the numbers among its values; null = none is a number. */
  readonly min: number | null;
  readonly max: number | null;
  readonly examples: readonly string[];
  /** Characters of the longest value. */
  readonly longest: number;
  /** Why its values are ambiguous, and what to do; undefined = it can be imported as a feature. */
  readonly doubt: (Refusal & { readonly code: string }) | undefined;
}

const DATE =
  /^(?:\d{4}-\d{1,2}-\d{1,2}|\d{4}\/\d{1,2}\/\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{1,2}\/\d{1,2}\/\d{2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:Z|[AP]M|[+-]\d{2}:?\d{2})?)?$/i;
const CODE = /^[+-]?0\d+$/;

/** Profiles the cells of one column: it holds numbers unless one cell is not a number. */
export class ColumnWatch {
  private readonly levels = new Set<string>();
  private allLevels = true;
  private readonly examples: string[] = [];
  private readonly odd = new OddNumbers();
  private readonly units = new Set<string>();
  private known = 0;
  private missing = 0;
  private numbers = 0;
  private codes = 0;
  private dates = 0;
  private longest = 0;
  private min = Infinity;
  private max = -Infinity;
  private firstCode: string | undefined;
  private firstOther: string | undefined;
  private others = 0;
  private readonly otherLevels = new Set<string>();

  /** @param mostLevels how many different values are counted at most */
  constructor(
    private readonly name: string,
    private readonly place: number,
    private readonly reader: CellReader,
    private readonly declared: DeclaredKind,
    private readonly mostLevels: number,
  ) {}

  /** @throws BadInputError `not-a-number`, `long-category` if the cell is not what the column was declared to hold */
  look(values: readonly string[], row: number): void {
    const cell = values[this.place] ?? '';
    if (this.reader.isMissing(cell)) {
      this.missing++;
      return;
    }
    this.known++;
    const text = cell.trim();
    if (text.length > this.longest) this.longest = text.length;
    this.remember(text);
    const value = this.reader.number(text);
    if (value !== undefined) return this.lookAtNumber(text, value);
    const { kind, restMissing } = this.declared;
    if (kind === 'number' && !restMissing) throw notANumber(this.name, row, cell);
    if (kind === 'category' && text.length > LONGEST_CATEGORY) throw longCategory(this.name, row, text);
    if (this.odd.look(text)) return;
    this.others++;
    this.firstOther ??= text;
    if (this.otherLevels.size < 2) this.otherLevels.add(text);
    if (this.dates === this.others - 1 && DATE.test(text)) this.dates++;
  }

  get profile(): ColumnProfile {
    const { kind, why, doubt } = this.verdict();
    return {
      name: this.name,
      place: this.place,
      kind,
      why,
      missing: this.missing + (this.declared.restMissing ? this.known - this.numbers : 0),
      levels: this.levels.size,
      allLevels: this.allLevels,
      min: this.numbers > 0 ? this.min : null,
      max: this.numbers > 0 ? this.max : null,
      examples: this.examples.map(shortened),
      longest: this.longest,
      doubt,
    };
  }

  private remember(text: string): void {
    if (!this.allLevels || this.levels.has(text)) return;
    if (this.examples.length < EXAMPLES) this.examples.push(text);
    if (this.levels.size >= this.mostLevels || text.length > LONGEST_CATEGORY) this.allLevels = false;
    else this.levels.add(text);
  }

  private lookAtNumber(text: string, value: number): void {
    this.numbers++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.units.size < 2) this.units.add(unitOf(text));
    if (CODE.test(text)) {
      this.codes++;
      this.firstCode ??= text;
    }
  }

  private verdict(): { kind: ColumnKind; why: string; doubt: ColumnProfile['doubt'] } {
    const { declared, known, numbers, odd } = this;
    const sure = (kind: ColumnKind, why: string) => ({ kind, why, doubt: undefined });
    if (declared.kind === 'number' && known > 0 && numbers === 0)
      return this.doubtful('no-numbers', this.noNumbers(), '--numbers');
    if (declared.kind !== undefined)
      return sure(declared.kind, `--${declared.kind === 'number' ? 'numbers' : 'categories'}`);
    if (known === 0) return sure('category', 'no value is known');
    if (this.longest > LONGEST_CATEGORY) return sure('text', `longer than ${LONGEST_CATEGORY} characters`);
    if (this.dates === known) return sure('date', 'every value is a date');
    const plain = numbers - this.codes;
    if (numbers === known && this.codes === 0 && this.units.size < 2) {
      const [unit = ''] = this.units;
      return sure('number', unit === '' ? 'every value is a number' : `every value is a number with ${unit}`);
    }
    if (numbers === known && this.codes === 0) return this.doubtful('mixed-units', this.mixedUnits());
    if (numbers + odd.count < NEARLY_ALL * known) return sure('category', this.whyCategory(plain));
    if (this.codes > (1 - NEARLY_ALL) * known) {
      return sure('category', `leading zeros, such as ${quoted(this.firstCode)}: codes`);
    }
    return this.doubtful('nearly-numbers', this.nearlyNumbers());
  }

  private doubtful(
    code: string,
    { value, todo }: Pick<Refusal, 'value' | 'todo'>,
    why = 'nearly every value is a number',
  ) {
    const doubt = { code, field: `column ${this.name}`, value, todo };
    return { kind: 'category' as const, why, doubt };
  }

  private noNumbers(): Pick<Refusal, 'value' | 'todo'> {
    const [first] = this.examples;
    const options = this.odd.options.map((one) => `${one}, or `).join('');
    return {
      value: `none of ${this.known} values is a number, such as ${quoted(first)}`,
      todo: `say how to read it: ${options}leave it out of --numbers`,
    };
  }

  private mixedUnits(): Pick<Refusal, 'value' | 'todo'> {
    const units = [...this.units].map((unit) => unit || 'no sign').join(' and ');
    const todo = `write them in the same way in the file, or say --numbers ${shellWord(this.name)} to drop the signs`;
    return { value: `numbers with ${units}`, todo };
  }

  private nearlyNumbers(): Pick<Refusal, 'value' | 'todo'> {
    const { odd, name, known, numbers } = this;
    const rest = known - numbers + this.codes;
    const example = odd.example ?? this.firstOther ?? this.firstCode;
    const word = shellWord(name);
    const said = [
      ...odd.options,
      ...(odd.count === 0 && this.otherLevels.size === 1
        ? [`--missing ${shellWord(this.firstOther ?? '')}`]
        : []),
      ...(this.codes === 0 ? [`--numbers ${word} --rest missing`] : [`--numbers ${word}`]),
      `--categories ${word}`,
      `--exclude ${word}`,
    ];
    return {
      value: `${known - rest} of ${known} values are numbers; ${rest} ${rest === 1 ? 'is' : 'are'} not, such as ${quoted(example)}`,
      todo: `say how to read it: ${said.join(', or ')}`,
    };
  }

  private whyCategory(plain: number): string {
    if (plain === 0) return 'no value is a number';
    const share = Math.floor((100 * plain) / this.known);
    return `${share} % are numbers, others such as ${quoted(this.firstOther ?? this.odd.example ?? this.firstCode)} are not`;
  }
}

function notANumber(name: string, row: number, cell: string): BadInputError {
  const todo =
    'correct the value, add --rest missing to count such values as unknown, or do not declare the column as numbers';
  return new BadInputError('not-a-number', { field: `${name}, row ${row}`, value: cell, todo });
}

function longCategory(name: string, row: number, text: string): BadInputError {
  const todo = `shorten it to ${LONGEST_CATEGORY} characters, or do not declare the column as categories`;
  const value = `${shortened(text)} (${text.length} characters)`;
  return new BadInputError('long-category', { field: `${name}, row ${row}`, value, todo });
}

function shortened(text: string): string {
  return text.length <= EXAMPLE_CHARACTERS ? text : `${text.slice(0, EXAMPLE_CHARACTERS)}...`;
}

/** In single quotes, since the value of an error is put in double quotes. */
function quoted(text: string | undefined): string {
  return `'${shortened(text ?? '')}'`;
}

/** A name as it can be typed into a shell. */
export function shellWord(text: string): string {
  return /^[\w.,/:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
