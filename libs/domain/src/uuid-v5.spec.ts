import * as fc from 'fast-check';
import { uuidV5 } from './uuid-v5';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const URL = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

describe('a UUID of version 5', () => {
  it.each([
    // RFC 9562, appendix A.4.
    [DNS, 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    // Python: uuid.uuid5(namespace, name), the first as in its documentation.
    [DNS, 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
    [URL, 'grün-日本', '57799848-a9fa-54a6-9fd8-1b2295233cc8'],
    [URL, '', '1b4db7eb-4057-5ddf-91e0-36dec72071f5'],
    [DNS.toUpperCase(), 'x'.repeat(1000), 'f6d12730-a238-51ed-bf69-3689855f9bbf'],
  ])('of namespace %s and name %j is as published', (namespace, name, id) => {
    expect(uuidV5(namespace, name)).toBe(id);
  });

  it('says its version and its variant, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(uuidV5(DNS, name)).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
      }),
    );
  });
});
