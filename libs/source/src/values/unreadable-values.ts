import { BadInputsError } from '@factory/domain';
import type { SourceDefinition } from '../declaration/sources-schema';

/**
 * Values of one column that cannot be used: not an instant, not text, or not a number that a dataset can store.
 */
export interface UnreadableColumn {
  /** `table.column`. */
  readonly column: string;
  readonly count: number;
  /** The first of them, as shown by the server. */
  readonly example: string;
}

const LONGEST_EXAMPLE = 64;

/**
 * Values that were received but cannot be read, by column. The source declares what to do: by default the run
 * ends, with `unreadable: drop` they are left out and counted.
 */
export class UnreadableValues {
  private readonly found = new Map<string, { count: number; example: string }>();

  constructor(private readonly source: Pick<SourceDefinition, 'name' | 'unreadable'>) {}

  get columns(): UnreadableColumn[] {
    return [...this.found].map(([column, one]) => ({ column, ...one }));
  }

  note(column: string, value: unknown): void {
    const known = this.found.get(column);
    if (known) known.count++;
    else this.found.set(column, { count: 1, example: exampleOf(value) });
  }

  /** @throws BadInputsError `unreadable-values`, naming each column, unless they are declared to be left out */
  stopIfAny(): void {
    if (this.found.size === 0 || this.source.unreadable === 'drop') return;
    throw new BadInputsError(
      'unreadable-values',
      this.columns.map(({ column, count, example }) => ({
        field: column,
        value: example,
        todo: `correct the values that cannot be read (${count}, this is the first), ${orDrop(this.source)}`,
      })),
    );
  }
}

/** The alternative. */
export function orDrop({ name }: Pick<SourceDefinition, 'name'>): string {
  return `or declare unreadable: drop for source ${name} to leave such values out`;
}

function exampleOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return `0x${value.subarray(0, LONGEST_EXAMPLE / 2).toString('hex')}`;
  return value === null || value === undefined ? 'NULL' : String(value).slice(0, LONGEST_EXAMPLE);
}
