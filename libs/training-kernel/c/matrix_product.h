/*
 * Small matrix products in registers: a tile of rows x vectors of the result is summed over the whole inner
 * dimension before it is stored. The tile's height is chosen to fill the register file.
 */
#ifndef MATRIX_PRODUCT_H
#define MATRIX_PRODUCT_H

#include "vectors.h"

/* Registers: 32 with AVX-512 and NEON, else 16. */
#if defined(__AVX512F__) || defined(__aarch64__)
#define MANY_REGISTERS 1
#else
#define MANY_REGISTERS 0
#endif

#ifndef NARROW_HEIGHT
#define NARROW_HEIGHT 6
#endif
typedef struct {
  const float *left;   /* element (row, k) at row * row_step + k * k_step */
  size_t row_step;
  size_t k_step;
  const float *right;  /* [k, columns], rows `right_step` apart */
  size_t right_step;
  float *result;       /* [rows, columns], rows `result_step` apart */
  size_t result_step;
  size_t rows;
  size_t columns;      /* a multiple of PADDING */
  size_t inner;
} product;

/* Rows x vectors of the result from (row, column) on. All loops over the tile unroll: rows and vectors are constants. */
INLINE void tile(const product *p, size_t row, size_t column, const int rows, const int vectors) {
  vec sums[16][4];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = (vec){0};
  const size_t row_step = p->row_step, k_step = p->k_step, right_step = p->right_step, inner = p->inner;
  const float *left = p->left + row * row_step;
  const float *right = p->right + column;
  for (size_t k = 0; k < inner; k++, left += k_step, right += right_step) {
    vec line[4];
    UNROLL for (int j = 0; j < vectors; j++) line[j] = load(right + j * LANES);
    UNROLL for (int i = 0; i < rows; i++) {
      const vec factor = fill(left[i * row_step]);
      UNROLL for (int j = 0; j < vectors; j++) sums[i][j] += factor * line[j];
    }
  }
  float *result = p->result + row * p->result_step + column;
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < vectors; j++) store(result + i * p->result_step + j * LANES, sums[i][j]);
}

/* All rows of a stripe of columns, in tiles of `height` and one lower tile for the remaining rows. */
#define STRIPE(name, vectors, height)                                                    \
  static void name(const product *p, size_t column) {                                    \
    size_t row = 0;                                                                      \
    for (; row + (height) <= p->rows; row += (height)) tile(p, row, column, height, vectors); \
    switch (p->rows - row) {                                                             \
      REST(11, height, vectors) REST(10, height, vectors) REST(9, height, vectors)       \
      REST(8, height, vectors) REST(7, height, vectors) REST(6, height, vectors)         \
      REST(5, height, vectors) REST(4, height, vectors) REST(3, height, vectors)         \
      REST(2, height, vectors) REST(1, height, vectors)                                  \
    }                                                                                    \
  }
#define REST(left, height, vectors) \
  case left:                        \
    if ((left) < (height)) tile(p, row, column, left, vectors); \
    break;

#if MANY_REGISTERS
STRIPE(stripe_of_4, 4, 6)
STRIPE(stripe_of_3, 3, 8)
STRIPE(stripe_of_2, 2, 12)
STRIPE(stripe_of_1, 1, 12)
#else
STRIPE(stripe_of_2, 2, NARROW_HEIGHT)
#endif

/* result = left x right. */
static void multiply(const product *p) {
  if (p->rows == 0) return;
  size_t column = 0;
#if MANY_REGISTERS
  for (; column + 4 * LANES <= p->columns; column += 4 * LANES) stripe_of_4(p, column);
  const size_t left = (p->columns - column) / LANES;
  if (left == 3) stripe_of_3(p, column);
  if (left == 2) stripe_of_2(p, column);
  if (left == 1) stripe_of_1(p, column);
#else
  for (; column < p->columns; column += 2 * LANES) stripe_of_2(p, column);
#endif
}

#endif
