import { s3ConfigSchema, usesPathStyle } from './s3-config';

const given = { accessKeyId: 'a', secretAccessKey: 'b', bucket: 'models' };

describe('S3 configuration', () => {
  it('puts the bucket into the path for everything but AWS, unless configured otherwise', () => {
    const styleOf = (more: object) => usesPathStyle(s3ConfigSchema.parse({ ...given, ...more }));
    expect(styleOf({ endpoint: 'http://127.0.0.1:8333' })).toBe(true);
    expect(styleOf({})).toBe(false);
    expect(styleOf({ endpoint: 'https://s3.eu-central-1.amazonaws.com' })).toBe(false);
    expect(styleOf({ endpoint: 'http://127.0.0.1:8333', forcePathStyle: 'false' })).toBe(false);
  });

  it('removes slashes at both ends of the prefix', () => {
    expect(s3ConfigSchema.parse({ ...given, prefix: '/team/factory/' }).prefix).toBe('team/factory');
  });

  it('names all missing fields together', () => {
    const { error } = s3ConfigSchema.safeParse({ endpoint: 'not an address' });
    expect(error?.issues.map((issue) => issue.path.join('.')).sort()).toEqual([
      'accessKeyId',
      'bucket',
      'endpoint',
      'secretAccessKey',
    ]);
  });
});
