/**
 * What to do about a name that no column of features may have; undefined for every other name, whatever it says.
 *
 * Control characters would reach terminals and logs. MySQL takes names of characters up to U+FFFF only (which leaves
 * out emoji) and no blank at their end.
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

/** Names are compared as databases compare the names of columns: without case, accents and blanks around them. */
export function foldedName(name: string): string {
  return name.trim().normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 's');
}
