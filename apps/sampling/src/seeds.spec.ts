import { createHmac } from 'node:crypto';
import { drawSeedOf, halfSeedOf, markSeedOf, markedId, visitorHash } from './seeds';

const key = { source: 'main', product: 7, goal: 'sale' };

describe('seeds', () => {
  it('are fixed per source, product and goal', () => {
    expect(drawSeedOf(key)).toBe('main/sale/7');
    expect(markSeedOf(key)).toBe('main/sale/7|mark');
    expect(halfSeedOf(key)).toBe('main/sale/7|half');
  });

  it('a request may set another seed of the draw', () => {
    expect(drawSeedOf(key, '42')).toBe('42');
  });
});

describe('visitors', () => {
  it('are marked by their id, unknown visitors by the visit', () => {
    expect(markedId('900', 'anna')).toBe('anna');
    expect(markedId('900', null)).toBe('900');
  });

  it('are in the file as 32 digits of HMAC-SHA-256 under the key', () => {
    const expected = createHmac('sha256', 'k').update('änne').digest('hex').slice(0, 32);
    expect(visitorHash('k', 'änne')).toBe(expected);
    expect(visitorHash('other', 'änne')).not.toBe(expected);
  });
});
