import { numberReader, type NumberNotation, type NumberReader } from '@factory/rows';

interface Candidate {
  readonly notation: NumberNotation;
  /** The options that read a file with this notation. */
  readonly options: string;
}

const CANDIDATES: readonly (Candidate & { readonly read: NumberReader })[] = [
  { notation: { decimal: '.' }, options: '--decimal dot' },
  { notation: { decimal: ',' }, options: '--decimal comma' },
  { notation: { decimal: '.', thousands: ',' }, options: '--thousands comma' },
  { notation: { decimal: ',', thousands: '.' }, options: '--decimal comma --thousands dot' },
  { notation: { decimal: '.', thousands: ' ' }, options: '--thousands space' },
  { notation: { decimal: ',', thousands: ' ' }, options: '--decimal comma --thousands space' },
  { notation: { decimal: '.', thousands: "'" }, options: '--thousands apostrophe' },
  { notation: { decimal: ',', thousands: "'" }, options: '--decimal comma --thousands apostrophe' },
  { notation: { decimal: '.', thousands: '_' }, options: '--thousands underscore' },
  { notation: { decimal: ',', thousands: '_' }, options: '--decimal comma --thousands underscore' },
].map((one) => ({ ...(one as Candidate), read: numberReader((one as Candidate).notation) }));

const INFINITE = /^[+-]?(?:inf|infinity|∞)$/i;
/** The notation of accountants for a negative number. */
const BOOKED = /^(?:\(\s*\p{Sc}?\s*\d[\d.,' ]*\s*\p{Sc}?\s*\)|\d[\d.,' ]*-)$/u;
const BEGINS_AS_NUMBER = /^[+\-\u2212(]?\s*\p{Sc}?\s*[+-]?[\d.,]/u;
/** Numbers outside float32, or in a notation that no option reads. */
const UNREADABLE = -1;

/**
 * Collects the cells of one column that are not numbers by the rules of the import, but that a person would read
 * as numbers: another notation (`1,5`), infinite, too large, or in brackets.
 */
export class OddNumbers {
  private readonly fits = new Int32Array(CANDIDATES.length);
  private notations = 0;
  private unreadable = 0;
  private firstShown: string | undefined;

  /** @returns whether the cell is one */
  look(cell: string): boolean {
    const text = cell.trim();
    const found = candidatesOf(text);
    if (found.length === 0) return false;
    this.firstShown ??= text;
    if (found[0] === UNREADABLE) {
      this.unreadable++;
      return true;
    }
    this.notations++;
    for (const at of found) this.fits[at] = (this.fits[at] ?? 0) + 1;
    return true;
  }

  get count(): number {
    return this.notations + this.unreadable;
  }

  get example(): string | undefined {
    return this.firstShown;
  }

  /** The options that would read most of them as numbers; two if both fit equally well (`1,234`); empty = none does. */
  get options(): readonly string[] {
    const most = Math.max(...this.fits);
    if (most === 0) return [];
    const best = CANDIDATES.filter((_, at) => this.fits[at] === most);
    // Prefer fewer options: --decimal comma reads 1,5 with or without --thousands.
    const fewest = best.filter(
      ({ notation }) =>
        !best.some((other) => other.notation !== notation && isPartOf(other.notation, notation)),
    );
    return fewest.map((one) => one.options);
  }
}

function candidatesOf(text: string): readonly number[] {
  if (INFINITE.test(text) || BOOKED.test(text)) return [UNREADABLE];
  if (!BEGINS_AS_NUMBER.test(text)) return [];
  const found = CANDIDATES.flatMap(({ read }, at) => (read(text) === undefined ? [] : [at]));
  return found.length === 0 && Math.abs(Number(text)) > 0 && !/^0x/i.test(text) ? [UNREADABLE] : found;
}

function isPartOf(less: NumberNotation, more: NumberNotation): boolean {
  if (less.decimal === more.decimal) return less.thousands === undefined && more.thousands !== undefined;
  return less.decimal === '.' && less.thousands === more.thousands && less.thousands !== undefined;
}
