/** JSON for programs: two spaces, one newline at the end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The prefix of a run id that is shown to people. */
export function shortId(run: string): string {
  return run.slice(0, 8);
}

/** `2024-04-01 09:30:00`, UTC. */
export function instant(at: Date | string | null | undefined): string {
  if (at === null || at === undefined) return '';
  const date = at instanceof Date ? at : new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString().slice(0, 19).replace('T', ' ');
}

/** `0.4 s`, `12 s`, `3 m 05 s`, `2 h 04 m`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
}

/** Seconds between two times; null while one of them is unknown. */
export function secondsBetween(from: Date | null, to: Date | null): number | null {
  return from && to ? (to.getTime() - from.getTime()) / 1000 : null;
}

/** `12 ms`. */
export function millis(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : `${Math.round(value)} ms`;
}

/** A figure with this many decimals; empty if there is none. */
export function figure(value: unknown, digits = 4): string {
  return typeof value === 'number' && Number.isFinite(value) ? value.toFixed(digits) : '';
}

/** `1,234,567`. */
export function count(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : '';
}

/** `4.21 %`. */
export function percent(share: unknown, digits = 2): string {
  return typeof share === 'number' && Number.isFinite(share) ? `${(100 * share).toFixed(digits)} %` : '';
}

/** Control characters, and those that reverse the direction of what follows. */
const UNPRINTABLE = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** An untrusted text, without characters that would move a terminal's cursor or change what is read. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(UNPRINTABLE, '\ufffd');
}

/** The colours that the command line itself writes. */
// eslint-disable-next-line no-control-regex
const OWN_STYLE = /(\u001b\[(?:[1-3]|3[1-7]|90|39|2[2-4])m)/;

/** As `printable`, but leaves the command line's own colours. */
export function printableStyled(text: string): string {
  return text
    .split(OWN_STYLE)
    .map((part, at) => (at % 2 === 0 ? printable(part) : part))
    .join('');
}

/** Cuts a text to `width` characters, the last one an ellipsis. */
export function cut(text: string, width: number): string {
  const line = printable(text.replaceAll(/\s*[\r\n\t]+\s*/g, ' '));
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Says which fields of a ledger row could not be read; empty if all could. */
export function unreadableNote({ unreadable }: { readonly unreadable: readonly string[] }): string {
  return unreadable.length === 0 ? '' : `unreadable in the ledger: ${unreadable.join(', ')}`;
}
