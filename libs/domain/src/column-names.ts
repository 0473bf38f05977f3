/**
 * What to do about a name that a feature column may not have; undefined for valid names.
 *
 * Control characters would reach terminals and logs. MySQL names may not have characters beyond U+FFFF (such as
 * emoji) and may not end with a blank.
 */
export function columnNameFault(name: string): string | undefined {
  if (name.trim() === '') return 'give the column a name';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name))
    return 'exclude the column, or take the control characters (tabs, line ends and the like) out of its name';
  if (/[\ud800-\udfff]/.test(name))
    return 'exclude the column, or take characters beyond U+FFFF (such as emoji) out of its name: MySQL has none';
  return undefined;
}

/** Compares names as databases compare column names: ignoring case, accents and surrounding blanks. */
export function foldedName(name: string): string {
  return name.trim().normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 's');
}
