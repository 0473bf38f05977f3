#include "training_kernel.h"

#include "backward.h"
#include "float_mode.h"
#include "forward.h"
#include "optimizers.h"

/* Separate from the switch of the floating-point mode, so that no arithmetic moves across it. */
#define APART __attribute__((noinline))

static int is_whole(double value, double least, double most) {
  return value >= least && value <= most && value == (double)(int64_t)value;
}

static int is_share(double value) { return value >= 0 && value < 1; }

/* A finite number of at least 0. */
static int is_amount(double value) { return value >= 0 && value < 1e30; }

static int is_fine(int field, const double *spec) {
  const double value = spec[field];
  const double coded = spec[TK_CODED_INPUTS];
  switch (field) {
    case TK_DENSE_INPUTS: return is_whole(value, 0, TK_MAX_INPUTS);
    case TK_CODED_INPUTS: return is_whole(value, 0, TK_MAX_INPUTS - 1) && value + spec[TK_DENSE_INPUTS] >= 1;
    case TK_CODE_GROUPS: return is_whole(value, coded > 0, coded);
    case TK_HIDDEN_LAYERS: return is_whole(value, 0, TK_MAX_HIDDEN);
    case TK_OPTIMIZER: return is_whole(value, TK_ADAM, TK_SGD);
    case TK_MOMENTUM: return is_share(value);
    case TK_BATCH_ROWS: return is_whole(value, 1, TK_MAX_BATCH);
    case TK_SEED: return is_whole(value, 0, 4294967295.0);
    case TK_NORM_MOMENTUM: return is_share(value);
    case TK_NORM_EPSILON: return value > 0 && is_amount(value);
    case TK_OUTPUT_L2: return is_amount(value);
  }
  switch ((field - TK_FIRST_LAYER) % TK_LAYER_FIELDS) {
    case TK_UNITS: return is_whole(value, 1, TK_MAX_UNITS);
    case TK_ACTIVATION: return is_whole(value, TK_RELU, TK_SELU);
    case TK_DROPOUT: return is_share(value);
    case TK_L2: return is_amount(value);
    default: return is_whole(value, 0, 1);
  }
}

int32_t tk_spec_fault(const double *spec) {
  for (int field = 0; field < TK_FIRST_LAYER; field++)
    if (!is_fine(field, spec)) return field;
  const int used = TK_FIRST_LAYER + (int)spec[TK_HIDDEN_LAYERS] * TK_LAYER_FIELDS;
  for (int field = TK_FIRST_LAYER; field < used; field++)
    if (!is_fine(field, spec)) return field;
  return -1;
}

double tk_network_bytes(const double *spec) {
  network n;
  open_network(&n, NULL, spec);
  return (double)n.total_floats * sizeof(float);
}

static void open_started(network *n, void *memory) { open_network(n, memory, ((const header *)memory)->spec); }

void tk_init(void *memory, const double *spec) {
  network n;
  open_network(&n, memory, spec);
  float *all = (float *)memory;
  for (size_t i = 0; i < n.total_floats; i++) all[i] = 0;
  header *head = n.head;
  for (int i = 0; i < TK_SPEC_FIELDS; i++) head->spec[i] = spec[i];
  head->decay_1 = head->decay_2 = head->schedule = 1;
  seed_streams((uint32_t)spec[TK_SEED], head->streams);
  for (int i = 0; i < n.hidden; i++) {
    const layer *l = &n.layers[i];
    for (size_t j = 0; l->batch_norm && j < l->units; j++) l->gamma[j] = l->moving_variance[j] = 1;
  }
}

void tk_layout(const void *memory, double *layout) {
  network n;
  open_started(&n, (void *)(uintptr_t)memory);
  const float *base = (const float *)memory;
  for (int i = 0; i < TK_LAYOUT_FIELDS; i++) layout[i] = 0;
  layout[TK_STATE_BYTES] = (double)n.state_floats * sizeof(float);
  layout[TK_PARAMETERS] = (double)(n.parameters - base);
  layout[TK_PARAMETER_COUNT] = (double)n.parameter_count;
  layout[TK_GRADIENTS] = (double)(n.gradients - base);
  double *place = layout + TK_FIRST_PLACE;
  for (int i = 0; i < n.hidden; i++, place += TK_PLACE_FIELDS) {
    const layer *l = &n.layers[i];
    place[TK_KERNEL] = (double)(l->kernel - base);
    place[TK_STRIDE] = (double)l->stride;
    place[TK_BIAS] = (double)(l->bias - base);
    if (!l->batch_norm) continue;
    place[TK_GAMMA] = (double)(l->gamma - base);
    place[TK_MOVING_MEAN] = (double)(l->moving_mean - base);
  }
  place[TK_KERNEL] = (double)(n.output_kernel - base);
  place[TK_STRIDE] = 1;
  place[TK_BIAS] = (double)(n.output_bias - base);
}

static APART void train_rows(network *n, const tk_rows *rows, double rate, double *sums) {
  for (size_t from = 0; from < rows->count; from += n->batch_rows) {
    const size_t left = rows->count - from;
    const size_t count = left < n->batch_rows ? left : n->batch_rows;
    gather_batch(n, rows, from, count);
    gather_labels(n, rows, from, count);
    forward(n, count, 1);
    measure_loss(n, count, sums);
    backward(n, count);
    update(n, rate);
  }
}

static APART void find_gradients(network *n, const tk_rows *rows, double *sums) {
  gather_batch(n, rows, 0, rows->count);
  gather_labels(n, rows, 0, rows->count);
  forward(n, rows->count, 1);
  measure_loss(n, rows->count, sums);
  backward(n, rows->count);
}

static APART void pass_forward(network *n, const tk_rows *rows, double *sums, float *logits) {
  const size_t most = forward_rows(n);
  for (size_t from = 0; from < rows->count; from += most) {
    const size_t left = rows->count - from;
    const size_t count = left < most ? left : most;
    gather_batch(n, rows, from, count);
    if (sums) gather_labels(n, rows, from, count);
    forward(n, count, 0);
    if (sums) measure_loss(n, count, sums);
    for (size_t r = 0; logits && r < count; r++) logits[from + r] = n->logits[r];
  }
}

void tk_train(void *memory, const tk_rows *rows, double learning_rate, double *sums) {
  network n;
  open_started(&n, memory);
  const float_mode before = enter_float_mode();
  train_rows(&n, rows, learning_rate, sums);
  leave_float_mode(before);
}

void tk_gradients(void *memory, const tk_rows *rows, double *sums) {
  network n;
  open_started(&n, memory);
  const float_mode before = enter_float_mode();
  find_gradients(&n, rows, sums);
  leave_float_mode(before);
}

void tk_evaluate(void *memory, const tk_rows *rows, double *sums) {
  network n;
  open_started(&n, memory);
  const float_mode before = enter_float_mode();
  pass_forward(&n, rows, sums, NULL);
  leave_float_mode(before);
}

void tk_predict(void *memory, const tk_rows *rows, float *logits) {
  network n;
  open_started(&n, memory);
  const float_mode before = enter_float_mode();
  pass_forward(&n, rows, NULL, logits);
  leave_float_mode(before);
}

int32_t tk_is_finite(const void *memory) {
  network n;
  open_started(&n, (void *)(uintptr_t)memory);
  const uint32_t *bits = (const uint32_t *)(const void *)n.parameters;
  uint32_t most = 0;
  for (size_t i = 0; i < n.parameter_count; i++) {
    const uint32_t exponent = bits[i] & 0x7f800000u;
    most = exponent > most ? exponent : most;
  }
  return most != 0x7f800000u;
}
