/*
 * Calls every function of the kernel with random shapes, on memory of exactly the size that it may access. Built
 * with AddressSanitizer and UndefinedBehaviorSanitizer by `node tools/kernel/sanitize.mjs`.
 *
 *   random_shapes SEED SHAPES [beyond]
 *
 * `beyond` sometimes requests a row past the last one: the sanitizer must abort the program.
 */
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../training_kernel.h"

static uint64_t state;
static uint32_t beyond;

static uint32_t next(void) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (uint32_t)(state >> 33);
}
static size_t up_to(size_t most) { return next() % (most + 1); }
static float fraction(void) { return (float)next() / 2147483648.0f; }

/* Sizes around the widths of vectors and tiles, and a few large ones. */
static size_t draw_size(size_t most) {
  static const size_t near[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 130};
  const size_t size = near[next() % (sizeof near / sizeof near[0])];
  return size > most ? 1 + up_to(most - 1) : size;
}

static void *exactly(size_t bytes) { return malloc(bytes ? bytes : 1); }

static void fail(const char *what, const double *spec) {
  fprintf(stderr, "%s; specification:", what);
  for (int i = 0; i < TK_SPEC_FIELDS; i++) fprintf(stderr, " %g", spec[i]);
  fprintf(stderr, "\n");
  exit(1);
}

static void draw_spec(double *spec) {
  memset(spec, 0, TK_SPEC_FIELDS * sizeof *spec);
  const int codes_alone = next() % 8 == 0;
  spec[TK_DENSE_INPUTS] = codes_alone ? 0 : (double)draw_size(130);
  if (codes_alone || next() % 3 == 0) {
    spec[TK_CODED_INPUTS] = (double)draw_size(60);
    spec[TK_CODE_GROUPS] = 1 + (double)up_to((size_t)spec[TK_CODED_INPUTS] < 4 ? 0 : 3);
  }
  spec[TK_HIDDEN_LAYERS] = (double)up_to(TK_MAX_HIDDEN);
  spec[TK_OPTIMIZER] = (double)up_to(TK_SGD);
  spec[TK_MOMENTUM] = next() % 2 ? 0.9 : 0;
  spec[TK_BATCH_ROWS] = (double)draw_size(130);
  spec[TK_SEED] = next();
  spec[TK_NORM_MOMENTUM] = 0.99;
  spec[TK_NORM_EPSILON] = 1e-3;
  spec[TK_OUTPUT_L2] = next() % 2 ? 0.01 : 0;
  for (int i = 0; i < TK_MAX_HIDDEN; i++) {
    double *layer = spec + TK_FIRST_LAYER + i * TK_LAYER_FIELDS;
    layer[TK_UNITS] = next() % 200 == 0 ? TK_MAX_UNITS : (double)draw_size(130);
    layer[TK_ACTIVATION] = (double)up_to(TK_SELU);
    layer[TK_DROPOUT] = next() % 2 ? 0.9 * fraction() : 0;
    layer[TK_L2] = next() % 3 ? 0 : 0.01;
    layer[TK_BATCH_NORM] = next() % 3 == 0;
  }
}

static void draw_parameters(void *network, const double *spec) {
  double layout[TK_LAYOUT_FIELDS];
  tk_layout(network, layout);
  float *all = network;
  const double *place = layout + TK_FIRST_PLACE;
  size_t inputs = (size_t)(spec[TK_DENSE_INPUTS] + spec[TK_CODED_INPUTS]);
  const int layers = (int)spec[TK_HIDDEN_LAYERS];
  for (int i = 0; i <= layers; i++, place += TK_PLACE_FIELDS) {
    const size_t units = i < layers ? (size_t)spec[TK_FIRST_LAYER + i * TK_LAYER_FIELDS + TK_UNITS] : 1;
    for (size_t row = 0; row < inputs; row++)
      for (size_t unit = 0; unit < units; unit++)
        all[(size_t)place[TK_KERNEL] + row * (size_t)place[TK_STRIDE] + unit] =
            (fraction() - 0.5f) / sqrtf((float)inputs);
    inputs = units;
  }
}

static void drive(const double *spec) {
  const size_t rows = draw_size(130), dense = (size_t)spec[TK_DENSE_INPUTS], groups = (size_t)spec[TK_CODE_GROUPS];
  const size_t count = 1 + up_to(2 * rows), bytes = (size_t)tk_network_bytes(spec);
  void *network = aligned_alloc(TK_ALIGNMENT, bytes);
  float *features = exactly(rows * dense * sizeof(float)), *weights = exactly(rows * sizeof(float));
  uint16_t *codes = exactly(rows * groups * sizeof(uint16_t));
  uint8_t *labels = exactly(rows);
  uint32_t *order = exactly(count * sizeof(uint32_t));
  float *logits = exactly(count * sizeof(float));
  for (size_t i = 0; i < rows * dense; i++) features[i] = 2 * fraction() - 1;
  for (size_t i = 0; i < rows * groups; i++)
    codes[i] = next() % 5 ? (uint16_t)(next() % (uint32_t)spec[TK_CODED_INPUTS]) : TK_NO_COLUMN;
  for (size_t i = 0; i < rows; i++) {
    labels[i] = next() % 4 == 0;
    weights[i] = 2 * fraction();
  }
  for (size_t i = 0; i < count; i++) order[i] = (uint32_t)(next() % (rows + beyond));

  tk_init(network, spec);
  draw_parameters(network, spec);
  const tk_rows ordered = {features, groups ? codes : NULL, labels, next() % 2 ? weights : NULL, order, count, {1, 2}};
  tk_rows plain = ordered;
  plain.order = NULL;
  plain.count = rows;
  double sums[TK_SUMS] = {0};
  for (int epoch = 0; epoch < 2; epoch++) tk_train(network, &ordered, 1e-3, sums);
  tk_train(network, &plain, 1e-3, sums);
  tk_rows batch = ordered;
  if (batch.count > spec[TK_BATCH_ROWS]) batch.count = (size_t)spec[TK_BATCH_ROWS];
  tk_gradients(network, &batch, sums);
  tk_evaluate(network, &ordered, sums);
  tk_predict(network, &ordered, logits);
  if (sums[TK_ROWS] != (double)(3 * count + rows + batch.count)) fail("rows are missing", spec);
  if (!isfinite(sums[TK_LOSS]) || !tk_is_finite(network)) fail("not finite", spec);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(logits[i])) fail("a logit is not finite", spec);
  free(network);
  free(features);
  free(weights);
  free(codes);
  free(labels);
  free(order);
  free(logits);
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  beyond = count > 3;
  state = strtoull(arguments[1], NULL, 10);
  const long shapes = strtol(arguments[2], NULL, 10);
  /* The kernel sets its own rounding mode; the caller's must be restored afterwards. */
  fesetround(FE_UPWARD);
  double spec[TK_SPEC_FIELDS];
  for (long i = 0; i < shapes; i++) {
    draw_spec(spec);
    if (tk_spec_fault(spec) >= 0) fail("a sound specification is refused", spec);
    drive(spec);
    if (fegetround() != FE_UPWARD) fail("the floating-point mode has changed", spec);
  }
  printf("%ld shapes without a fault\n", shapes);
  return 0;
}
