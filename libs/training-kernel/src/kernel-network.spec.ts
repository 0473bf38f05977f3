import type { KernelRows } from './kernel-memory';
import { KernelNetwork } from './kernel-network';
import { availableKernels, loadKernel } from './load-kernel';
import type { NetworkSpec } from './network-spec';
import { drawParameters, drawRows, inOrder, writtenOut } from './conformance/reference-loss';

const SPEC: NetworkSpec = {
  denseInputs: 7,
  hidden: [
    { units: 19, dropout: 0.4 },
    { units: 6, dropout: 0.2, activation: 'elu', batchNorm: true },
  ],
  optimizer: 'adam',
  batchRows: 16,
  seed: 77,
};
const WITHOUT_DROPOUT = { ...SPEC, hidden: SPEC.hidden.map((layer) => ({ ...layer, dropout: 0 })) };

describe.each(availableKernels())('network in kernel build %s', (name) => {
  const { build } = loadKernel(name);
  const open = (spec: NetworkSpec, seed = 1) => {
    const network = new KernelNetwork(build, spec);
    network.setParameters(drawParameters(spec, seed));
    return network;
  };
  const rows = drawRows(SPEC, 101, 4);
  const order = inOrder(101);

  it('produces the same parameters bit for bit in two runs, with dropout', () => {
    const [first, second] = [open(SPEC), open(SPEC)];
    for (const network of [first, second]) for (let i = 0; i < 3; i++) network.train(rows, order, 0.01);
    expect(second.parameters()).toEqual(first.parameters());
    expect(open({ ...SPEC, seed: 78 }).train(rows, order, 0.01)).not.toEqual(
      open(SPEC).train(rows, order, 0.01),
    );
  });

  it('trains an epoch in several calls of whole batches as in one call', () => {
    const [whole, parts] = [open(SPEC), open(SPEC)];
    const sums = whole.train(rows, order, 0.01);
    const inParts = [0, 48, 64].map((from, i) =>
      parts.train(rows, order.subarray(from, [48, 64, 101][i]), 0.01),
    );
    expect(parts.parameters()).toEqual(whole.parameters());
    expect(inParts.reduce((sum, part) => sum + part.loss, 0)).toBeCloseTo(sums.loss, 9);
    expect(inParts.reduce((sum, part) => sum + part.rows, 0)).toBe(101);
  });

  it('continues from its state as if it had not stopped', () => {
    const [whole, first] = [open(SPEC), open(SPEC)];
    whole.train(rows, order, 0.01);
    whole.train(rows, order, 0.001);
    first.train(rows, order, 0.01);
    const second = new KernelNetwork(build, SPEC);
    second.restore(first.state());
    second.train(rows, order, 0.001);
    expect(second.parameters()).toEqual(whole.parameters());
    expect(second.state()).toEqual(whole.state());
  });

  it('drops the configured share of units, and preserves their mean', () => {
    // 1,000 units that all output 1: the logit is their mean after dropout
    const spec: NetworkSpec = {
      ...SPEC,
      denseInputs: 1,
      hidden: [{ units: 1000, dropout: 0.3 }],
      optimizer: 'sgd',
    };
    const network = new KernelNetwork(build, spec);
    const kernel = new Float32Array(1000).fill(1e-3);
    network.setParameters([
      { kernel: new Float32Array(1000).fill(1), bias: new Float32Array(1000) },
      { kernel, bias: new Float32Array(1) },
    ]);
    const ones: KernelRows = { features: new Float32Array(16).fill(1), labels: new Uint8Array(16) };
    const { layers } = network.gradients(ones, inOrder(16));
    // A unit's gradient sums over the 16 rows in which it was kept: 16 x .7 of them on average.
    const error = 1 / (1 + Math.exp(-1)) / 16;
    const kept = Array.from(layers[1]!.kernel, (slope) => (slope / error) * 0.7);
    const mean = kept.reduce((sum, one) => sum + one, 0) / 1000;
    expect(Math.abs(mean - 16 * 0.7)).toBeLessThan(4 * Math.sqrt((16 * 0.7 * 0.3) / 1000) + 0.2);
    const variance = kept.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 999;
    expect(variance).toBeGreaterThan(16 * 0.21 * 0.8);
    expect(variance).toBeLessThan(16 * 0.21 * 1.2);
  });

  it('gives the same result if wide categories are passed as codes', () => {
    const coded: NetworkSpec = { ...WITHOUT_DROPOUT, denseInputs: 4, codedInputs: 12, codeGroups: 2 };
    const some = drawRows(coded, 101, 9);
    const dense = { ...coded, denseInputs: 16, codedInputs: 0, codeGroups: 0 };
    const [ofCodes, ofColumns] = [open(coded), open(dense)];
    const columns = writtenOut(some, coded);
    for (let i = 0; i < 3; i++) {
      const expected = ofColumns.train(columns, order, 0.01).loss;
      expect(Math.abs(ofCodes.train(some, order, 0.01).loss - expected) / expected).toBeLessThan(1e-5);
    }
    const expected = ofColumns.predict(columns, order);
    ofCodes
      .predict(some, order)
      .forEach((logit, row) => expect(Math.abs(logit - expected[row]!)).toBeLessThan(1e-3));
  });

  it('reads rows on shared memory, in the requested order', () => {
    const features = new Float32Array(new SharedArrayBuffer(rows.features.byteLength));
    features.set(rows.features);
    const network = open(WITHOUT_DROPOUT);
    const asked = Uint32Array.of(100, 3, 3, 0);
    const every = network.predict(rows, order);
    const some = network.predict({ ...rows, features }, asked);
    asked.forEach((row, at) => expect(Math.abs(some[at]! - every[row]!)).toBeLessThan(1e-6));
  });

  it('sums up weights, hits and losses of rows', () => {
    const network = open(WITHOUT_DROPOUT);
    const logits = network.predict(rows, order);
    const weights = Array.from(
      rows.labels,
      (label, row) => rows.weights[row]! * rows.classWeights[label as 0 | 1],
    );
    const sums = network.evaluate(rows, order);
    const loss = logits.reduce((sum, z, row) => {
      const label = rows.labels[row]!;
      return sum + weights[row]! * (Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z))));
    }, 0);
    expect(sums.rows).toBe(101);
    expect(sums.weight).toBeCloseTo(
      weights.reduce((sum, one) => sum + one, 0),
      3,
    );
    expect(sums.loss).toBeCloseTo(loss, 3);
    expect(sums.correct).toBe(logits.filter((z, row) => z > 0 === (rows.labels[row] === 1)).length);
  });

  it.each([NaN, Infinity, -Infinity])(
    'propagates a feature of %p to the parameters, detected by their bits',
    (bad) => {
      const features = Float32Array.from(rows.features);
      features[40] = bad;
      const network = open({ ...SPEC, hidden: [{ units: 5 }] });
      expect(network.isFinite()).toBe(true);
      network.train({ ...rows, features }, order, 0.01);
      expect(network.isFinite()).toBe(false);
    },
  );

  it('is stable at logits that would overflow e^x', () => {
    const spec: NetworkSpec = { ...SPEC, denseInputs: 1, hidden: [] };
    const network = new KernelNetwork(build, spec);
    network.setParameters([{ kernel: Float32Array.of(1000), bias: new Float32Array(1) }]);
    const far: KernelRows = { features: Float32Array.of(1, -1, 1, -1), labels: Uint8Array.of(1, 0, 0, 1) };
    const { loss } = network.evaluate(far, inOrder(4));
    expect(Math.abs(loss - 2000)).toBeLessThan(0.01);
  });

  it("restores the thread's floating-point mode", () => {
    open(SPEC).train(rows, order, 0.01);
    // Both would be 0 if subnormal numbers were disabled.
    expect(Math.fround(1e-40) * 1).toBeGreaterThan(0);
    expect(Number.MIN_VALUE * 1).toBeGreaterThan(0);
  });

  it.each<[Partial<NetworkSpec>, string]>([
    [{ denseInputs: 0 }, 'network.codedInputs'],
    [{ codedInputs: 4 }, 'network.codeGroups'],
    [{ batchRows: 0 }, 'network.batchRows'],
    [{ seed: -1 }, 'network.seed'],
    [{ momentum: 1 }, 'network.momentum'],
    [{ optimizer: 'lion' as 'adam' }, 'network.optimizer'],
    [{ hidden: [{ units: 1025 }] }, 'network.hidden.0.units'],
    [{ hidden: [{ units: 8 }, { units: 8, dropout: 1 }] }, 'network.hidden.1.dropout'],
    [{ hidden: [{ units: 8, l2: NaN }] }, 'network.hidden.0.l2'],
    [{ hidden: [{ units: 8, activation: 'gelu' as 'relu' }] }, 'network.hidden.0.activation'],
    [{ hidden: Array.from({ length: 5 }, () => ({ units: 8 })) }, 'network.hidden.length'],
  ])('refuses %p and names the field', (changes, field) => {
    expect(() => new KernelNetwork(build, { ...SPEC, ...changes })).toThrow(
      expect.objectContaining({ code: 'invalid-network', message: expect.stringContaining(field) }),
    );
  });

  it.each<[string, Partial<KernelRows>, Uint32Array, string]>([
    ['a row number beyond the last', {}, Uint32Array.of(5, 101), 'order'],
    ['labels for other rows', { labels: new Uint8Array(100) }, order, 'labels.length'],
    ['weights for other rows', { weights: new Float32Array(3) }, order, 'weights.length'],
    ['half a row', { features: new Float32Array(101 * 7 - 3) }, order, 'features.length'],
    ['codes that the network has no inputs for', { codes: new Uint16Array(101) }, order, 'codes.length'],
  ])('refuses %s', (_what, changes, numbers, field) => {
    expect(() => open(SPEC).train({ ...rows, ...changes }, numbers, 0.01)).toThrow(
      expect.objectContaining({ code: 'invalid-rows', message: expect.stringContaining(field) }),
    );
  });

  it('refuses a code of no column', () => {
    const coded: NetworkSpec = { ...SPEC, denseInputs: 4, codedInputs: 12, codeGroups: 2 };
    const some = drawRows(coded, 20, 9);
    some.codes[7] = 12;
    expect(() => open(coded).evaluate(some, inOrder(20))).toThrow(
      expect.objectContaining({ code: 'invalid-rows', message: expect.stringContaining('codes.7') }),
    );
  });

  it('refuses parameters of another shape, and the state of another network', () => {
    const other = { ...SPEC, seed: 5 };
    expect(() => open(SPEC).setParameters(drawParameters({ ...SPEC, denseInputs: 8 }, 1))).toThrow(
      expect.objectContaining({ code: 'invalid-parameters' }),
    );
    expect(() => open(SPEC).restore(open(other).state())).toThrow(
      expect.objectContaining({ code: 'not-a-network-state' }),
    );
  });
});

describe('loading the kernel', () => {
  it('chooses the fastest available build, and gives the reason why it is not a faster one', () => {
    const { build, note } = loadKernel();
    expect(build.name).toBe(availableKernels()[0]);
    if (note === undefined) expect(['avx512', 'neon']).toContain(build.name);
  });

  it('refuses a build of another processor', () => {
    const foreign = process.arch === 'x64' ? 'neon' : 'avx2';
    expect(() => loadKernel(foreign)).toThrow(expect.objectContaining({ code: 'kernel-unavailable' }));
  });

  it('always finds WebAssembly', () => {
    expect(availableKernels()).toContain('wasm');
  });
});
