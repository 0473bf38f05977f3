import { hash } from 'node:crypto';

/**
 * A UUID that follows from its name: version 5 of RFC 9562, section 5.5. The same arguments give the same id for ever.
 *
 * @param namespace itself a UUID
 * @param name any text; its UTF-8 counts
 */
export function uuidV5(namespace: string, name: string): string {
  const named = Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name, 'utf8')]);
  const bytes = Buffer.from(hash('sha1', named, 'hex'), 'hex');
  bytes[6] = 0x50 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
