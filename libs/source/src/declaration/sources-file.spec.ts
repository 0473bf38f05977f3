import { BadInputError, BadInputsError, FactoryError } from '@factory/domain';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SourceAccess } from '../access/source-access';
import { SMALL_SHOP_SOURCES, smallShopSource } from '../fixtures/small-shop';
import { SourcesFile, horizonDaysOf, parseSources, rowGoalsOf } from './sources-file';

describe('parseSources', () => {
  it('completes omitted settings', () => {
    const source = smallShopSource();
    expect(source.name).toBe('main');
    expect(source.goals['signup']).toEqual({
      table: 'signup',
      visit: 'visit_id',
      time: 'signup_time',
      filters: [],
      horizonDays: 0,
    });
    expect(source.features[0]).toMatchObject({ exclude: ['secret'], prefix: '' });
  });

  it('takes what people say about a goal', () => {
    const text = SMALL_SHOP_SOURCES.replace('horizonDays: 2', 'about: {purpose: " Choose banners "}');
    expect(parseSources(text).get('main')?.goals['late']).toMatchObject({
      about: { purpose: 'Choose banners' },
    });
  });

  it('uses UTC if no zone is given', () => {
    const text = SMALL_SHOP_SOURCES.replace('    timeZone: Europe/Berlin\n', '');
    expect(parseSources(text).get('main')?.timeZone).toBe('UTC');
  });

  test.each([
    ['timeZone: Europe/Berlin', 'timeZone: Europe/Berlim', 'sources.main.timeZone', 'Europe/Berlim'],
    ['missing: zero', 'missing: none', 'sources.main.features.0.missing', 'none'],
    ['connectionEnv: SOURCE_MAIN_URL', 'connectionEnv: 5', 'sources.main.connectionEnv', 5],
    ['horizonDays: 2', 'horizonDays: -2', 'sources.main.goals.late.horizonDays', -2],
    ['horizonDays: 2', 'about: {purpose: ""}', 'sources.main.goals.late.about.purpose', ''],
    ['horizonDays: 2', 'about: {owner: me}', 'sources.main.goals.late.about.owner', 'me'],
    ['anyOf: [sale, signup]', 'anyOf: [sale]', 'sources.main.goals.any.anyOf', ['sale']],
    ['anyOf: [sale, signup]', 'anyOf: [sale, any]', 'sources.main.goals.any.anyOf.1', 'any'],
    ['defaultGoal: sale', 'defaultGoal: buy', 'sources.main.defaultGoal', 'buy'],
    ['        value: amount\n', '', 'sources.main.goals.sale.value', undefined],
    ['exclude: [secret]', 'exclud: [secret]', 'sources.main.features.0.exclud', ['secret']],
    ['  main:', '  Main:', 'sources.Main', 'Main'],
    ['in: [paid, shipped]', 'is: paid', 'sources.main.goals.sale.filters.0.is', 'paid'],
  ])('%s -> %s is refused with its path and value', (from, to, field, value) => {
    const { code, refusals } = refused(SMALL_SHOP_SOURCES.replace(from, to));
    expect(code).toBe('invalid-sources');
    expect(refusals).toContainEqual(expect.objectContaining({ field, value }));
    expect(refusals.every((one) => one.todo.length > 5)).toBe(true);
  });

  it('reports all faults together', () => {
    const text = SMALL_SHOP_SOURCES.replace('missing: zero', 'missing: none').replace(
      'Europe/Berlin',
      'Nowhere',
    );
    expect(
      refused(text)
        .refusals.map((one) => one.field)
        .sort(),
    ).toEqual(['sources.main.features.0.missing', 'sources.main.timeZone']);
  });

  test.each(['', '[]', 'sources: {}', 'sources: [', 'sources: 5'])('%j is refused', (text) => {
    expect(refused(text).refusals.length).toBeGreaterThan(0);
  });
});

describe('goals', () => {
  it('anyOf stands for the goals that it names', () => {
    expect(rowGoalsOf(smallShopSource(), 'any').map((one) => one.table)).toEqual(['sale', 'signup']);
  });

  it('the horizon is the longest of the parts', () => {
    expect(horizonDaysOf(smallShopSource(), 'late')).toBe(2);
    expect(horizonDaysOf(smallShopSource(), 'any')).toBe(0);
  });

  it('an unknown goal is refused with the known ones', () => {
    expect(() => rowGoalsOf(smallShopSource(), 'buy')).toThrow(
      /goal = "buy": use one of sale, signup, late, any/,
    );
  });
});

describe('names of inherited properties', () => {
  test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])(
    'goal %s is unknown unless declared',
    (name) => {
      const refused = (): unknown => rowGoalsOf(smallShopSource(), name);
      expect(refused).toThrow(BadInputError);
      expect(refused).toThrow('use one of sale, signup, late, any');
    },
  );

  it('a default goal constructor is refused unless declared, and then it is a goal like any other', () => {
    const text = SMALL_SHOP_SOURCES.replace('defaultGoal: sale', 'defaultGoal: constructor');
    expect(() => parseSources(text)).toThrow('sources.main.defaultGoal = "constructor"');
    const declared = parseSources(
      text.replace('      signup:', '      constructor:').replaceAll('signup]', 'late]'),
    );
    expect(rowGoalsOf(declared.get('main')!, 'constructor')).toMatchObject([{ table: 'signup' }]);
  });
});

describe('SourcesFile', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sources-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is reloaded when it has changed', () => {
    const path = join(folder, 'sources.yaml');
    writeFileSync(path, SMALL_SHOP_SOURCES);
    const file = SourcesFile.load(path);
    expect([...file.all().keys()]).toEqual(['main']);
    writeFileSync(path, SMALL_SHOP_SOURCES.replace('  main:', '  second:'));
    utimesSync(path, 1, 1);
    expect(file.source('second').visits.table).toBe('visit');
    expect(() => file.source('main')).toThrow(/source = "main": use one of second/);
  });

  it.each([
    ['broken YAML', 'sources: ['],
    ['an unknown top-level key', `${SMALL_SHOP_SOURCES}\nsorces: {}`],
    ['no source', 'sources: {}'],
    ['nothing', ''],
    ['gone', undefined],
  ])('keeps its previous content in use while the current one is invalid: %s', (_, text) => {
    const path = join(folder, 'sources.yaml');
    writeFileSync(path, SMALL_SHOP_SOURCES);
    const file = SourcesFile.watch(path);
    const { sha256 } = file.state;
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    expect(file.refresh()).toBe(true);
    expect(file.refresh()).toBe(false);
    expect([...file.all().keys()]).toEqual(['main']);
    expect(file.state).toMatchObject({ sha256, fault: expect.any(FactoryError) });
    expect(() => file.source('other')).toThrow(/whose last change is not fully in use/);
    writeFileSync(path, SMALL_SHOP_SOURCES.replace('  main:', '  other:'));
    expect(file.source('other').name).toBe('other');
    expect(file.state.fault).toBeNull();
  });

  it('does not affect other sources if one declaration is invalid', () => {
    const path = join(folder, 'sources.yaml');
    const declaration = SMALL_SHOP_SOURCES.slice(SMALL_SHOP_SOURCES.indexOf('  main:'));
    const wrong = (text: string): string =>
      text.replace('  main:', '  wrong:').replace('missing: zero', 'missing: none');
    writeFileSync(path, `${SMALL_SHOP_SOURCES}\n${wrong(declaration)}`);
    for (const file of [SourcesFile.watch(path), SourcesFile.load(path)]) {
      expect([...file.all().keys()]).toEqual(['main']);
      expect(file.state.fault?.message).toContain('sources.wrong.features.0.missing = "none"');
      expect(() => file.source('wrong')).toThrow(/^sources\.wrong\.features\.0\.missing = "none"/);
      expect(() => file.source('third')).toThrow(/use one of main, or declare it .* not fully in use/);
    }
    expect(() => parseSources(`${SMALL_SHOP_SOURCES}\n${wrong(declaration)}`)).toThrow(/sources\.wrong/);
  });

  it.each([
    ['a fault of form', 'missing: zero', 'missing: none'],
    ['a goal that does not exist', 'defaultGoal: sale', 'defaultGoal: buy'],
    ['an unknown setting', 'exclude: [secret]', 'exclud: [secret]'],
    ['no mapping', / {2}main:[\s\S]*/, '  main: 5\n'],
  ])('keeps the previous declaration of a source with %s, and accepts another new one', (_, from, to) => {
    const path = join(folder, 'sources.yaml');
    writeFileSync(path, SMALL_SHOP_SOURCES);
    const file = SourcesFile.watch(path);
    const before = file.source('main');
    const second = SMALL_SHOP_SOURCES.slice(SMALL_SHOP_SOURCES.indexOf('  main:')).replace(
      '  main:',
      '  second:',
    );
    writeFileSync(path, `${SMALL_SHOP_SOURCES.replace(from, to)}\n${second}`);
    expect(file.refresh()).toBe(true);
    expect([...file.all().keys()].sort()).toEqual(['main', 'second']);
    expect(file.source('main')).toEqual(before);
    expect(file.state.fault?.message).toContain('sources.main');
    expect(file.state.fault?.message).not.toContain('sources.second');
  });

  const both = `${SMALL_SHOP_SOURCES}\n${SMALL_SHOP_SOURCES.slice(SMALL_SHOP_SOURCES.indexOf('  main:')).replace('  main:', '  second:')}`;
  it.each([
    ['one of two, invalid', SMALL_SHOP_SOURCES.replace('missing: zero', 'missing: none')],
    ['both, unsound', both.replaceAll('missing: zero', 'missing: none')],
    [
      'both, with different faults',
      both
        .replace('missing: zero', 'missing: none')
        .replace(/(second:[\s\S]*)defaultGoal: sale/, '$1defaultGoal: buy'),
    ],
    [
      'another, unsound',
      SMALL_SHOP_SOURCES.replace('  main:', '  third:').replace('missing: zero', 'missing: none'),
    ],
    ['an invalid name', SMALL_SHOP_SOURCES.replace('  main:', '  Main:')],
    ['no mapping', 'sources: { main: 5 }'],
    ['an empty source', 'sources: { main: {} }'],
    ['null', 'sources: { second: null }'],
    ['a goal that does not exist', SMALL_SHOP_SOURCES.replace('defaultGoal: sale', 'defaultGoal: buy')],
    ['no sources', 'sources: {}'],
    ['broken YAML', 'sources: ['],
  ])('keeps every source in use if none in the file is valid: %s', (_, text) => {
    const path = join(folder, 'sources.yaml');
    writeFileSync(path, both);
    const file = SourcesFile.watch(path);
    const before = [...file.all()];
    writeFileSync(path, text);
    for (let look = 0; look < 3; look++) expect([...file.all()]).toEqual(before);
    expect(file.state.fault).toMatchObject({ code: 'invalid-sources' });
    writeFileSync(path, SMALL_SHOP_SOURCES);
    expect([...file.all().keys()]).toEqual(['main']);
    expect(file.state.fault).toBeNull();
  });

  it.each([
    [
      'with a fault elsewhere',
      both.replace(/(second:[\s\S]*)missing: zero/, '$1missing: none').replace('  main:', '  third:'),
    ],
    ['renamed to an invalid name', both.replace('  main:', '  Main:')],
  ])('work on a source that disappeared from a file %s waits until the file is valid', (_, text) => {
    const path = join(folder, 'sources.yaml');
    writeFileSync(path, both);
    const file = SourcesFile.watch(path);
    const service = new SourceAccess(file, { variable: () => undefined, service: { slots: 2 } });
    const cli = new SourceAccess(file, { variable: () => undefined });
    expect(service.definition('main').name).toBe('main');
    writeFileSync(path, text);
    expect(thrownBy(() => service.definition('main'))).toMatchObject({
      code: 'source-missing',
      why: 'unreachable',
      message: expect.stringMatching(/not fully in use.*correct .*sources\.yaml/) as string,
    });
    expect(thrownBy(() => cli.definition('main'))).toMatchObject({ code: 'unknown-source' });
    writeFileSync(path, both);
    expect(service.definition('main').name).toBe('main');
    writeFileSync(path, SMALL_SHOP_SOURCES.replace('  main:', '  third:'));
    expect(thrownBy(() => service.definition('main'))).toMatchObject({ code: 'unknown-source' });
  });

  it('waits for its first content, and follows a link that Kubernetes moves', () => {
    const path = join(folder, 'sources.yaml');
    const file = SourcesFile.watch(path);
    expect(file.all().size).toBe(0);
    expect(file.state).toMatchObject({ sha256: null, since: null, fault: { code: 'no-sources-file' } });
    for (const name of ['first', 'second']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'sources.yaml'), SMALL_SHOP_SOURCES.replace('  main:', `  ${name}:`));
    }
    symlinkSync('first', join(folder, '..data'));
    symlinkSync(join('..data', 'sources.yaml'), path);
    expect([...file.all().keys()]).toEqual(['first']);
    symlinkSync('second', join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
    expect([...file.all().keys()]).toEqual(['second']);
  });

  it('reports that it does not exist', () => {
    expect(() => SourcesFile.load(join(folder, 'none.yaml'))).toThrow(BadInputError);
  });
});

function refused(text: string): BadInputsError {
  try {
    parseSources(text);
  } catch (thrown) {
    if (thrown instanceof BadInputsError) return thrown;
    throw thrown;
  }
  throw new RangeError('nothing was refused');
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  throw new TypeError('nothing was thrown');
}
