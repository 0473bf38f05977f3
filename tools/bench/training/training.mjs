import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../../workspace/command.mjs';
import { ensureKernel } from '../../kernel/build.mjs';
import { peerPython, PEERS } from '../peers/python.mjs';
import { openContestants, startPeer } from './contestants.mjs';
import { trainingQuality } from './quality-against-keras.mjs';
import { trainingSettings } from './settings.mjs';
import { nameOf, tableRows } from './speed-table.mjs';
import { trainingFaults } from './thresholds.mjs';

const ROWS = 80_000;
/** Share of a core that a busy thread gets on a machine that does nothing else. */
const QUIET = 0.9;

/** How fast the engines train, against Keras, TensorFlow and JAX in the same rounds; and whether they learn as well. */
export const training = {
  summary:
    'rows a second of every engine and of Keras, TensorFlow and JAX; quality against Keras on real data',
  needsServers: false,
  ...trainingSettings,

  async run(_sandbox, { say, dataFolder, ...settings }) {
    await ensureKernel();
    say('preparing Keras, TensorFlow, JAX and scikit-learn');
    const python = await peerPython();
    const folder = mkdtempSync(join(tmpdir(), 'bench-training-'));
    try {
      const speed = await measureSpeed({ python, folder, say, ...settings });
      if (!settings.isQualityWanted) return speed;
      const quality = await trainingQuality({ python, folder, say, dataFolder, seeds: settings.seeds });
      return {
        ...speed,
        tables: [quality.table],
        faults: [...speed.faults, ...quality.faults],
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function measureSpeed({
  python,
  folder,
  say,
  shapes,
  batches,
  workers,
  rounds,
  seconds,
  engines,
  nativeDir,
}) {
  const columns = [...new Set(shapes.map(({ features }) => String(features)))];
  await mustRun(python, ['-B', join(PEERS, 'synthetic_data.py'), folder, String(ROWS), ...columns]);
  const { contestants, absent } = await openContestants({ python, folder, wanted: engines, nativeDir });
  const limits = Array.from({ length: Math.max(...workers) }, () => startPeer(python, 'sgemm.py'));
  try {
    const [limit] = await Promise.all(limits.map((one) => one.ask({ do: 'prepare' })));
    const rows = [];
    for (const [at, shape] of shapes.entries())
      for (const batch of batches)
        for (const count of at === 0 ? workers : workers.filter((one) => one === 1)) {
          const setting = { shape, batch };
          for (const one of contestants) await one.prepare(setting, count);
          const measured = [];
          for (let round = 1; round <= rounds; round++)
            measured.push(await measureRound(contestants, limits.slice(0, count), seconds));
          rows.push(...tableRows(setting, count, measured));
          say(`${nameOf(shape)}, batch ${batch}, ${count} at a time: measured`);
        }
    return {
      rows,
      faults: trainingFaults(rows),
      notes: [
        notesOn(limit, rounds),
        ...disturbances(rows),
        ...absent.map(({ name, reason }) => `${name} does not load here: ${reason}`),
      ],
    };
  } finally {
    await Promise.all([...contestants, ...limits].map((one) => one.close()));
  }
}

/** Everybody's turn, one after the other, the machine's limit first. */
async function measureRound(contestants, limits, seconds) {
  const products = await Promise.all(limits.map((one) => one.ask({ do: 'turn', seconds: seconds / 2 })));
  const turns = {};
  for (const one of contestants) turns[one.name] = await one.turn(seconds);
  return { sgemm: products.reduce((sum, { gflops }) => sum + gflops, 0), turns };
}

/** An engine computes all the time: what it did not get, others had. */
function disturbances(rows) {
  const shares = rows
    .filter(({ engine }) => engine.startsWith('kernel'))
    .map(({ cores, workers }) => cores / workers);
  const least = Math.min(...shares, 1);
  if (least >= QUIET) return [];
  return [
    `The machine was not quiet: a kernel got ${least.toFixed(2)} of a core. Ratios of such rounds say little; run it again.`,
  ];
}

function notesOn({ size, library }, rounds) {
  return [
    `${ROWS} train rows, dropout .5 and .5, Adam, binary cross-entropy; medians of ${rounds} round(s), in each`,
    'of which all took a turn one after the other; ratios are taken within a round, then their median.',
    'Of an engine, drawing an epoch’s order counts; of tf-function and jax-scan it does not. Peers are held to one',
    'thread by their own settings, not to a core: what they used stands under cores.',
    'gflops: 2 x (3 x the sum of inputs x units over all layers - that of the first) per row.',
    `ofSgemm: of what sgemm of ${size} x ${size} reaches on as many threads, ${library}, in the same round.`,
  ].join('\n');
}
