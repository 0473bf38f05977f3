import type { CheckLimits } from './check-rules';
import { isApart, percent, type Checked } from './finding';

/** Scores so near 0 or 1 say certainty, which nobody has of a visitor. */
const SATURATED = 1e-6;
/** Of the expected rate's interval. */
const Z = 3;
const BINS = 10;

export interface CandidateScores {
  /** [rows] natural-prior probabilities of the candidate on rows that it was not trained on. */
  readonly scores: Float64Array;
  /** [rows] visits that each stands for. */
  readonly weights: Float64Array;
  /** Share of goals to be expected on these rows, and the goals that it was seen in. */
  readonly expected: { readonly rate: number; readonly goals: number };
  /** The bundle's table of percentiles. */
  readonly percentiles: readonly number[];
  /** [rows] the champion's on the same rows; absent: there is none. */
  readonly champion?: Float64Array;
}

/** Data Checker 2: whether a candidate's scores can be released at all, and how they differ from the champion's. */
export function checkScores(input: CandidateScores, limits: CheckLimits): Checked[] {
  const { scores, weights, expected, percentiles, champion } = input;
  const { checks } = limits;
  const broken = scores.reduce((sum, one) => sum + (Number.isFinite(one) ? 0 : 1), 0);
  const finite: Checked = {
    code: 'score-not-finite',
    figure: broken,
    isBeyond: broken > checks['score-not-finite'].limit,
    words: `${broken} of ${scores.length} scores are no finite number.`,
  };
  if (broken > 0 || scores.length === 0) return [finite];

  const weight = sumOf(weights);
  const mean = scores.reduce((sum, one, row) => sum + one * (weights[row] ?? 0), 0) / weight;
  // The rate is itself uncertain: log of a Poisson count of goals.
  const error = Z / Math.sqrt(Math.max(1, expected.goals));
  const ratio = expected.rate > 0 ? mean / expected.rate : 1;
  const saturated =
    scores.reduce(
      (sum, one, row) => sum + (one <= SATURATED || one >= 1 - SATURATED ? (weights[row] ?? 0) : 0),
      0,
    ) / weight;
  const ascending = scores.slice().sort();
  const distinct = ascending.reduce(
    (sum, one, at) => sum + (at === 0 || one !== ascending[at - 1] ? 1 : 0),
    0,
  );
  const falling = percentiles.reduce(
    (sum, one, at) => sum + (at > 0 && one < (percentiles[at - 1] ?? 0) ? 1 : 0),
    0,
  );
  return [
    finite,
    {
      code: 'score-mean',
      figure: ratio,
      isBeyond: isApart(ratio, checks['score-mean'].limit) && Math.abs(Math.log(ratio)) > error,
      words: `The mean score is ${percent(mean)}, the expected share of goals ${percent(expected.rate)}.`,
    },
    {
      code: 'score-saturated',
      figure: saturated,
      isBeyond: saturated >= checks['score-saturated'].limit,
      words: `${percent(saturated)} of the scores are 0 or 1 within ${SATURATED}.`,
    },
    {
      code: 'score-distinct',
      figure: distinct,
      isBeyond: distinct < Math.min(checks['score-distinct'].limit, scores.length),
      words: `There are ${distinct} distinct scores on ${scores.length} rows.`,
    },
    {
      code: 'score-percentiles',
      figure: falling,
      isBeyond: falling > checks['score-percentiles'].limit,
      words: `${falling} steps of the table of percentiles fall.`,
    },
    ...(champion ? compare(scores, champion, weights, limits) : []),
  ];
}

/** On the same rows there is no chance to rule out: the difference is what it is. */
function compare(
  scores: Float64Array,
  champion: Float64Array,
  weights: Float64Array,
  { checks }: CheckLimits,
): Checked[] {
  if (champion.some((one) => !Number.isFinite(one))) return [];
  const { psi, effect } = shiftOf(scores, champion, weights);
  const correlation = rankCorrelation(scores, champion);
  return [
    {
      code: 'score-shift',
      figure: effect,
      isBeyond: effect >= checks['score-shift'].limit,
      words: `Scores have moved from the champion's on the same rows: Cohen's w ${effect.toFixed(2)}, PSI ${psi.toFixed(3)}.`,
    },
    {
      code: 'score-order',
      figure: correlation,
      isBeyond: correlation < checks['score-order'].limit,
      words: `Scores and the champion's order the same rows with a rank correlation of ${correlation.toFixed(2)}.`,
    },
  ];
}

/** In weighted deciles of the champion's scores. */
function shiftOf(scores: Float64Array, champion: Float64Array, weights: Float64Array) {
  const order = Uint32Array.from(champion.keys()).sort((a, b) => (champion[a] ?? 0) - (champion[b] ?? 0));
  const total = sumOf(weights);
  const edges: number[] = [];
  let done = 0;
  for (const row of order) {
    done += weights[row] ?? 0;
    while (edges.length < BINS - 1 && done >= ((edges.length + 1) / BINS) * total)
      edges.push(champion[row] ?? 0);
  }
  const distinct = [...new Set(edges)];
  const sharesOf = (values: Float64Array): Float64Array => {
    const shares = new Float64Array(distinct.length + 1);
    values.forEach((value, row) => {
      const at = distinct.findIndex((edge) => value <= edge);
      const bin = at < 0 ? distinct.length : at;
      shares[bin] = (shares[bin] ?? 0) + (weights[row] ?? 0) / total;
    });
    return shares;
  };
  const [p, q] = [sharesOf(champion), sharesOf(scores)];
  const floor = 0.5 / scores.length;
  let [psi, square] = [0, 0];
  p.forEach((share, bin) => {
    const [before, now] = [Math.max(share, floor), Math.max(q[bin] ?? 0, floor)];
    psi += (now - before) * Math.log(now / before);
    square += (now - before) ** 2 / before;
  });
  return { psi, effect: Math.sqrt(square) };
}

/** Spearman's rank correlation with mean ranks for ties; 0 where either does not vary. */
export function rankCorrelation(a: Float64Array, b: Float64Array): number {
  const [ranksA, ranksB] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length + 1) / 2;
  let [product, squaresA, squaresB] = [0, 0, 0];
  ranksA.forEach((rank, row) => {
    const [x, y] = [rank - mean, (ranksB[row] ?? 0) - mean];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  });
  const size = Math.sqrt(squaresA * squaresB);
  return size > 0 ? product / size : 0;
}

function ranksOf(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values.keys()).sort((x, y) => (values[x] ?? 0) - (values[y] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (let at = from; at < to; at++) ranks[order[at] ?? 0] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0);
}
