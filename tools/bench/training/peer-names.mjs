/** Programs in peers/ that the factory is compared with, by name. */
export const PEER_PROGRAMS = {
  'keras-fit': 'keras_fit.py',
  'tf-function': 'tf_function.py',
  'jax-scan': 'jax_scan.py',
};
/** Whole epochs in one compiled call: the fastest of them in a round is its strongest peer. */
export const STRONG_PEERS = ['tf-function', 'jax-scan'];
export const KERAS = 'keras-fit';
