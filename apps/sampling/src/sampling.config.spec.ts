import { loadConfig } from '@factory/service-kit';
import { samplingConfig } from './sampling.config';

const ENV = {
  NATS_URL: 'nats://127.0.0.1:4222',
  FACTORY_DATABASE_URL: 'mysql://factory:secret@127.0.0.1:3306/factory',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'secret',
  S3_BUCKET: 'propensity',
};

describe("the key of the visitors' hash", () => {
  it.each([
    ['absent', undefined, 'VISITOR_HASH_KEY = null: set it: secret key of the hash'],
    ['empty', '', 'VISITOR_HASH_KEY = null: set it: secret key of the hash'],
    ['the former public default', 'propensity-factory', 'VISITOR_HASH_KEY = "***": choose another key'],
    ['short', 'secret7', 'VISITOR_HASH_KEY = "***": use at least 16 characters: `openssl rand -hex 32`'],
    ['one too short', 'secret7-b2f4c6d', 'VISITOR_HASH_KEY = "***": use at least 16 characters'],
    ['one letter', 'a'.repeat(64), 'VISITOR_HASH_KEY = "***": use more than 4 different characters'],
    ['four letters', 'abcd'.repeat(16), 'use more than 4 different characters: `openssl rand -hex 32`'],
  ])('is refused when it is %s, and never shown', (_, key, message) => {
    const load = () => loadConfig(samplingConfig, { ...ENV, VISITOR_HASH_KEY: key });
    expect(load).toThrow(message);
    expect(load).not.toThrow(/propensity-factory|secret7/);
  });

  it('is used unchanged', () => {
    const key = 'b2f4c6d8e0a1b3c5d7e9';
    expect(loadConfig(samplingConfig, { ...ENV, VISITOR_HASH_KEY: key }).VISITOR_HASH_KEY).toBe(key);
  });
});
