import { sourceGrants } from './grants';

describe('sourceGrants', () => {
  it('is SELECT and CREATE TEMPORARY TABLES on that database only', () => {
    expect(sourceGrants({ user: "o'neil", host: '10.%', database: 'my_shop' })).toEqual([
      "GRANT SELECT, CREATE TEMPORARY TABLES ON `my\\_shop`.* TO 'o''neil'@'10.%'",
    ]);
  });
});
