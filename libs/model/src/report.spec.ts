import { NewerVersionError } from '@factory/domain';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseReport, type Report } from './report';
import { modelParts } from './spec-model';

const first = JSON.parse(
  readFileSync(join(__dirname, 'fixtures', 'bundle-schema-1', 'report.json'), 'utf8'),
) as Report;
const { report } = modelParts();

describe('a report', () => {
  it('of schema 1 is read as it is', () => {
    expect(first.schemaVersion).toBe(1);
    expect(parseReport(first)).toEqual(first);
  });

  it('of schema 2 is read, with fields that are not known', () => {
    expect(report.schemaVersion).toBe(2);
    const later = { ...report, verdict: { ...report.verdict, mood: 'good' }, more: [1] };
    expect(parseReport(JSON.parse(JSON.stringify(later)))).toEqual(JSON.parse(JSON.stringify(later)));
  });

  it.each(['one-class', 'one-score', 'separated'] as const)('may have no slope: %s', (calibrationSlope) => {
    const test = { ...report.metrics.test!, calibrationSlope };
    const parsed = parseReport({ ...report, metrics: { ...report.metrics, test } });
    expect(parsed.metrics.test?.calibrationSlope).toBe(calibrationSlope);
  });

  it('of a later schema waits for a later release', () => {
    expect(() => parseReport({ ...report, schemaVersion: 3 })).toThrow(NewerVersionError);
  });

  it('without what every reader needs is refused by field', () => {
    const verdict = { ...report.verdict, decisive: undefined };
    expect(() => parseReport({ ...report, verdict })).toThrow(/report\.json\.verdict\.decisive/);
  });
});
