const ENGLISH = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const GERMAN = [
  'januar',
  'februar',
  'märz',
  'april',
  'mai',
  'juni',
  'juli',
  'august',
  'september',
  'oktober',
  'november',
  'dezember',
];
const ALSO: ReadonlyMap<string, number> = new Map([
  ['maerz', 3],
  ['mrz', 3],
  ['jänner', 1],
]);
const SHORTEST = 3;

/**
 * The month 1 to 12 of a name in English or German, long or cut to three or more letters, in any case and with
 * or without a dot (`Jun`, `June`, `JUNI`, `Sept.`), or of a number; undefined for anything else.
 */
export function monthOf(text: string): number | undefined {
  const word = text.trim().toLowerCase().replace(/\.$/, '');
  if (/^(0?[1-9]|1[0-2])$/.test(word)) return Number(word);
  if (word.length < SHORTEST) return undefined;
  const place = [ENGLISH, GERMAN].map((names) => names.findIndex((name) => name.startsWith(word)));
  const month = Math.max(...place) + 1;
  return month > 0 ? month : ALSO.get(word);
}
