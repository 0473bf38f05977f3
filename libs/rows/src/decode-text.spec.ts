import fc from 'fast-check';
import { decodeText } from './decode-text';

async function decoded(chunks: Uint8Array[], encoding = 'utf-8'): Promise<string> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  let text = '';
  for await (const part of decodeText(source(), encoding, 'shop.csv')) text += part;
  return text;
}

const inChunks = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

describe('decoding a file', () => {
  it('returns any text, wherever the chunks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 5 }),
        async (text, size) => {
          fc.pre(!text.startsWith('\uFEFF'));
          expect(await decoded(inChunks(Buffer.from(text), size))).toBe(text);
        },
      ),
    );
  });

  it('removes the byte order mark', async () => {
    expect(await decoded([Buffer.from('\uFEFFid;y')])).toBe('id;y');
  });

  it.each([1, 2, 3, 1000])(
    'names the offset of the first byte that is not UTF-8, in chunks of %p',
    async (size) => {
      const bytes = Buffer.concat([Buffer.from('ä;名\n'), Buffer.from('Größe', 'latin1')]);
      await expect(decoded(inChunks(bytes, size))).rejects.toMatchObject({
        code: 'wrong-encoding',
        refusal: { value: 'byte 0xf6 at offset 9' },
      });
    },
  );

  it('refuses a file that ends within a character', async () => {
    await expect(decoded([Buffer.from('a名').subarray(0, 3)])).rejects.toMatchObject({
      refusal: { value: 'byte 0xe5 at offset 1' },
    });
  });

  it('reads other encodings if configured, and says how to read UTF-16', async () => {
    expect(await decoded([Buffer.from('Größe', 'latin1')], 'latin1')).toBe('Größe');
    const utf16 = Buffer.from('\uFEFFid;y', 'utf16le');
    await expect(decoded([utf16])).rejects.toThrow('--encoding utf-16le');
    expect(await decoded([utf16], 'utf-16le')).toBe('id;y');
    await expect(decoded([utf16], 'klingon')).rejects.toMatchObject({ code: 'unknown-encoding' });
  });
});
