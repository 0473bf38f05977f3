import { encodeBundle } from './bundle';
import type { FeatureMoment } from './feature-moment';
import { parseManifest } from './manifest';
import { modelCard } from './card/model-card';
import { lineage, modelParts } from './spec-model';

const parts = modelParts();
const files = encodeBundle(parts);

describe('when features were known', () => {
  const cardOf = (featureMoment?: FeatureMoment) =>
    modelCard({ ...parts, lineage: { ...lineage, ...(featureMoment ? { featureMoment } : {}) } });
  const timed = [
    { table: 'click', time: 'at' },
    { table: 'call', time: 'at', lookbackSeconds: 3600 },
  ];

  it('is on the card: at which moment to read, and from when on', () => {
    const card = cardOf({ cut: { observeSeconds: 300 }, tables: timed });
    expect(card).toContain(
      "Features were read 300 s after each visit's start: events count before that moment (click from the visit's " +
        'start, call from 3600 s before that moment), goals from it on',
    );
    expect(card).toContain("- With features read at another moment than 300 s after each visit's start.");
    expect(cardOf({ cut: { column: 'read_at' }, tables: timed })).toContain(
      'Features were read at the instant in column read_at of visits',
    );
  });

  it('names the tables of whole visits as no good for visits that are still going on', () => {
    const tables = [
      { table: 'agg', covers: 'whole-visit' },
      { table: 'origin', covers: 'before-visit' },
    ];
    expect(cardOf({ cut: null, tables })).toContain(
      '- For visits that are still going on: agg covers whole visits.',
    );
    expect(cardOf({ cut: null, tables: [tables[1]!] })).not.toContain('still going on');
  });

  it('is unknown for an older bundle, which is read nevertheless', () => {
    expect(cardOf()).not.toContain('Features were read');
    const manifest = parseManifest(JSON.parse(String(files.get('manifest.json'))));
    expect(manifest.lineage.featureMoment).toBeUndefined();
  });

  it('is kept in the manifest as it was drawn', () => {
    const featureMoment = { cut: { observeSeconds: 300 }, tables: timed };
    const bundle = encodeBundle({ ...parts, lineage: { ...lineage, featureMoment } });
    const { lineage: read } = parseManifest(JSON.parse(String(bundle.get('manifest.json'))));
    expect(read.featureMoment).toEqual(featureMoment);
  });
});
