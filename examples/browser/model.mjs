// A published bundle in a page: raw rows in, probabilities out. Needs TensorFlow.js as `tf`.

/**
 * @param tf TensorFlow.js
 * @param {string} folder address of models/<source>/<goal>/<product>
 */
export async function loadModel(tf, folder) {
  const json = async (path) => (await fetch(path, { cache: 'no-cache' })).json();
  const { version } = await json(`${folder}/champion.json`);
  const at = `${folder}/${version}`;
  const transform = await json(`${at}/transform.json`);
  const network = await tf.loadLayersModel(`${at}/model.json`);
  const score = async (rows) => {
    const inputs = tf.tensor2d(rows.map((row) => vectorOf(transform, row)));
    const outputs = network.predict(inputs);
    const probabilities = await outputs.data();
    inputs.dispose();
    outputs.dispose();
    return Array.from(probabilities);
  };
  const golden = (await json(`${at}/golden.json`)).rows;
  return { version, columns: transform.features.map(({ column }) => column), score, golden };
}

/** Largest difference of the golden rows' probabilities; at most 1e-5 is correct. */
export async function goldenError({ score, golden }) {
  const probabilities = await score(golden.map(({ row }) => row));
  return Math.max(...golden.map(({ probability }, at) => Math.abs(probability - probabilities[at])));
}

/** The network's inputs for one raw row, as transform.json says. */
export function vectorOf(transform, row) {
  return transform.features.flatMap((feature) => {
    const raw = Object.hasOwn(row, feature.column) ? row[feature.column] : null;
    const number = raw === null || raw === '' ? NaN : Math.fround(Number(raw));
    const unknown = raw === null || raw === '';
    const indicator = (missing) => (feature.indicator ? [Number(missing)] : []);
    if (feature.kind === 'number') {
      const known = Number.isFinite(number);
      const limit = feature.clip ?? Infinity;
      const scaled = ((known ? number : feature.median) - feature.mean) / feature.deviation;
      return [Math.min(limit, Math.max(-limit, scaled)), ...indicator(!known)];
    }
    if (feature.kind === 'presence')
      return [Number(typeof feature.known === 'string' ? unknown : !Number.isFinite(number))];
    const levels = feature.levels.map((level) => Number(String(raw) === level));
    return [
      ...levels,
      ...(feature.other ? [Number(feature.rest.includes(String(raw)))] : []),
      ...indicator(unknown),
    ];
  });
}
