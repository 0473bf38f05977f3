export type { KernelBuild, KernelRows } from './kernel-memory';
export { KernelNetwork, type LayerGradients, type LayerParameters, type RowSums } from './kernel-network';
export {
  KERNEL_NAMES,
  KernelUnavailableError,
  availableKernels,
  loadKernel,
  type KernelName,
  type LoadedKernel,
} from './load-kernel';
export {
  ACTIVATIONS,
  OPTIMIZER_KINDS,
  type HiddenActivation,
  type HiddenLayerSpec,
  type NetworkSpec,
  type OptimizerKind,
} from './network-spec';
export { batchPredictorOf, type BatchPredictor } from './batch-predictor';
export { NetworkPredictor, type InputLayout } from './network-predictor';
export { hiddenSpecsOf, kernelParametersOf, networkWeightsOf } from './network-weights';
