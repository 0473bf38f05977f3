/**
 * Reads the values of options, and collects messages about invalid ones.
 *
 * @typedef {Readonly<Record<string, string | boolean | undefined>>} OptionValues
 */
export class OptionReader {
  /** @type {string[]} */
  faults = [];
  #values;

  /** @param {OptionValues} values with defaults filled in */
  constructor(values) {
    this.#values = values;
  }

  /**
   * @param {string} name
   * @returns {string | undefined} undefined: not given, and it has no default
   */
  text(name) {
    const value = this.#values[name];
    return value === undefined ? undefined : String(value);
  }

  /** @param {string} name */
  flag(name) {
    return this.#values[name] === true;
  }

  /**
   * A count.
   *
   * @param {string} name
   * @param {number} [most] absent: no limit
   */
  count(name, most) {
    const value = Number(this.text(name));
    if (!isCount(value) || value > (most ?? Infinity))
      this.refuse(name, `a whole number ${most === undefined ? 'of at least 1' : `from 1 to ${most}`}`);
    return value;
  }

  /**
   * Counts, separated by commas.
   *
   * @param {string} name
   * @returns {number[]}
   */
  counts(name) {
    const values = this.list(name).map(Number);
    if (!values.every(isCount)) this.refuse(name, 'whole numbers of at least 1');
    return values;
  }

  /**
   * @param {string} name
   * @returns {string[]} the parts between the commas
   */
  list(name) {
    return (this.text(name) ?? '').split(',');
  }

  /**
   * One of the given words.
   *
   * @template {string} Word
   * @param {string} name
   * @param {readonly [Word, ...Word[]]} words
   * @returns {Word}
   */
  oneOf(name, words) {
    const value = words.find((word) => word === this.text(name));
    if (value === undefined) this.refuse(name, `one of ${words.join(', ')}`);
    return value ?? words[0];
  }

  /**
   * @param {string} name
   * @param {string} wanted
   */
  refuse(name, wanted) {
    this.faults.push(`--${name} ${this.text(name)}: give ${wanted}.`);
  }
}

/** @param {number} value */
export function isCount(value) {
  return Number.isInteger(value) && value >= 1;
}
