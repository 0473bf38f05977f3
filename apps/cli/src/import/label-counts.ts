import { BadInputError } from '@factory/domain';
import { type CellReader, unitOf } from '@factory/rows';
import { shellWord } from './column-kinds';
import type { GoalRule, LabelWords } from './goal-rules';

/** What a label means; `unlabelled` and `unnamed` are refused unless an option covers them. */
export type LabelMeaning = 'yes' | 'no' | 'unlabelled' | 'unnamed';

/** A label value of the file, in the notation of its first occurrence. */
export interface LabelCount {
  readonly value: string;
  readonly rows: number;
  readonly means: LabelMeaning;
}

export const YES_WORDS: readonly string[] = ['true', 'yes', 'y', 't', '1'];
export const NO_WORDS: readonly string[] = ['false', 'no', 'n', 'f', '0'];
const EVERYTHING_ELSE = '*';
/** A column with more different values is not a label. */
const MOST_VALUES = 1_000;
const SHOWN_VALUES = 20;

/** Reads the label of each row and counts the values. */
export class LabelCounts {
  private readonly yes: ReadonlySet<string>;
  private readonly no: ReadonlySet<string>;
  private readonly counted = new Map<string, { value: string; rows: number; means: LabelMeaning }>();
  private keptYes = 0;
  private keptNo = 0;

  /** @throws BadInputError `value-means-both` */
  constructor(
    readonly goal: GoalRule,
    private readonly words: LabelWords,
    private readonly reader: CellReader,
  ) {
    const folded = (values: readonly string[]) => new Set(values.map((value) => this.folded(value)));
    const given = goal.values ?? words.goalValues;
    const named = folded(words.otherValues ?? []);
    this.yes = given ? folded(given) : folded(YES_WORDS.filter((word) => !named.has(this.folded(word))));
    this.no = words.otherValues ? named : folded(NO_WORDS.filter((word) => !this.yes.has(this.folded(word))));
    const both = [...this.yes].find((value) => this.no.has(value));
    if (both !== undefined) {
      const todo = 'name it either with --goal-value or with --other-value';
      throw new BadInputError('value-means-both', { field: `goal ${goal.name}`, value: both, todo });
    }
  }

  meaningOf(values: readonly string[]): LabelMeaning {
    return this.meaning(values[this.goal.place] ?? '');
  }

  /** @throws BadInputError `not-a-label` if it has too many different values for a label */
  look(values: readonly string[]): LabelMeaning {
    const cell = values[this.goal.place] ?? '';
    const key = this.folded(cell);
    const known = this.counted.get(key);
    if (known) {
      known.rows++;
      return known.means;
    }
    const means = this.meaning(cell);
    if (this.counted.size >= MOST_VALUES) throw this.notALabel();
    this.counted.set(key, { value: cell.trim().slice(0, 100), rows: 1, means });
    return means;
  }

  /** Counts a row that goes into the tables. */
  keep(means: LabelMeaning): void {
    if (means === 'yes') this.keptYes++;
    else this.keptNo++;
  }

  /** Most frequent first. */
  get counts(): LabelCount[] {
    return [...this.counted.values()].sort((a, b) => b.rows - a.rows);
  }

  /** @throws BadInputError `unnamed-label`, `unlabelled`, `no-goal`, `all-goals` */
  check(): void {
    const { counts } = this;
    const field = `goal ${this.goal.name}, column ${this.goal.column}`;
    const unnamed = counts.filter(({ means }) => means === 'unnamed');
    if (unnamed.length > 0) throw this.unnamed(field, unnamed);
    const unlabelled = counts.filter(({ means }) => means === 'unlabelled');
    if (unlabelled.length > 0 && this.words.unlabelled === undefined) {
      const todo = `say what to do with rows without a label: --unlabelled drop leaves them out, --unlabelled no counts them as no; ${listed(counts)}`;
      throw new BadInputError('unlabelled', { field, value: inWords(unlabelled), todo });
    }
    if (this.keptYes > 0 && this.keptNo > 0) return;
    throw new BadInputError(this.keptYes === 0 ? 'no-goal' : 'all-goals', {
      field,
      value: [...this.yes],
      todo: `say with --goal-value which values mean that the goal was reached, and with --other-value which mean that it was not; ${listed(counts)}`,
    });
  }

  private unnamed(field: string, unnamed: readonly LabelCount[]): BadInputError {
    const numbers = this.counts.filter(({ value }) => this.reader.number(value) !== undefined);
    const areCounts =
      numbers.length > 2 && numbers.some(({ value }) => !['0', '1'].includes(this.folded(value)));
    const named = unnamed.slice(0, SHOWN_VALUES).map(({ value }) => shellWord(value));
    const todo = areCounts
      ? `a goal is yes or no, and the column holds numbers: if they are counts, name those that mean yes, such as ` +
        `--goal-value ${positives(numbers).join(' ')}; if they are amounts, add a column to the file that says yes or no`
      : `say what ${unnamed.length === 1 ? 'it means' : 'they mean'}: --goal-value ${named.join(' ')} for yes, ` +
        `--other-value ${named.join(' ')} for no (giving one replaces the usual words of its kind; --other-value '*' is every other value)`;
    return new BadInputError('unnamed-label', {
      field,
      value: inWords(unnamed),
      todo: `${todo}; ${listed(this.counts)}`,
    });
  }

  private notALabel(): BadInputError {
    return new BadInputError('not-a-label', {
      field: `goal ${this.goal.name}`,
      value: this.goal.column,
      todo: `name a column that says yes or no: this one holds more than ${MOST_VALUES} values, such as ${inWords(this.counts.slice(0, 3))}`,
    });
  }

  private meaning(cell: string): LabelMeaning {
    const key = this.folded(cell);
    // Named values take precedence over values that mean unknown: labels may be + and -.
    if (this.yes.has(key)) return 'yes';
    if (this.no.has(key)) return 'no';
    if (this.reader.isMissing(cell)) return 'unlabelled';
    return this.no.has(EVERYTHING_ELSE) ? 'no' : 'unnamed';
  }

  /**
   * Case, blanks and number notation (1, 1.0, 1.00) make no difference; signs do: `$1` and `1 %` are different
   * values.
   */
  private folded(value: string): string {
    const text = value.trim().replaceAll(/\s+/g, ' ').toLowerCase();
    const number = unitOf(text) === '' ? this.reader.number(text) : undefined;
    return number === undefined ? text : String(number);
  }
}

function positives(numbers: readonly LabelCount[]): string[] {
  return numbers
    .filter(({ value }) => Number(value) > 0)
    .sort((a, b) => Number(a.value) - Number(b.value))
    .slice(0, SHOWN_VALUES)
    .map(({ value }) => shellWord(value));
}

function listed(counts: readonly LabelCount[]): string {
  return `the column holds ${inWords(counts)}`;
}

function inWords(counts: readonly LabelCount[]): string {
  const shown = counts.slice(0, SHOWN_VALUES).map(({ value, rows }) => `'${value}' (${rows})`);
  return shown.join(', ') + (counts.length > SHOWN_VALUES ? ` and ${counts.length - SHOWN_VALUES} more` : '');
}
